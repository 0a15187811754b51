// SPDX-License-Identifier: Apache-2.0
#include "server/config.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "server/command_line.h"
#include "server/listener.h"
#include "server/root_password.h"
#include "storage/os/random.h"

namespace afterimage::server {
namespace {

std::string refusal(std::string_view text) {
    Config config;
    try {
        for (const Setting& setting : parse_config_text(text, "f.toml")) {
            apply_setting(config, setting);
        }
    } catch (const ConfigError& error) {
        return error.what();
    }
    return "";
}

TEST_CASE("options: a whole file is read") {
    Config config;
    for (const Setting& setting :
         parse_config_text("[server]\ndata = \"/d\"\nworker_threads = 9\n[tls]\nmode = "
                           "\"required\"\n[variables]\nmax_connections = 7\n",
                           "f")) {
        apply_setting(config, setting);
    }
    CHECK(config.data_directory == "/d");
    CHECK(config.worker_threads == 9);
    CHECK(config.tls == TlsMode::kRequired);
    CHECK(config.variables.at("max_connections") == "7");
    check_config(config);
}

TEST_CASE("options: an unknown key, a bad value, bad TOML are named with their line") {
    CHECK(refusal("[server]\ndatta = 1\n") == "f.toml:2: unknown key 'server.datta'");
    CHECK(refusal("[nope]\nx = 1\n").find("unknown key 'nope.x'") != std::string::npos);
    CHECK(refusal("[log]\nlevel = \"loud\"\n").find("one of debug, info, warning, error") !=
          std::string::npos);
    CHECK(refusal("[server]\nio_threads = 0\n").find("a number from 1 to 64") != std::string::npos);
    CHECK(refusal("[variables]\nnope = 1\n").find("no such variable") != std::string::npos);
    CHECK(refusal("[server\n").find("f.toml:1") == 0);
    CHECK(refusal("[server]\nlisten = \"host:port\"\n").find("HOST:PORT") != std::string::npos);
    CHECK(refusal("[server]\ndata = [1]\n").find("is expected") != std::string::npos);
    const std::string source = refusal("[replication]\nsource = \"postgres://u:secret@h\"\n");
    CHECK(source.find("mysql://USER") != std::string::npos);
    CHECK(source.find("secret") == std::string::npos);
}

TEST_CASE("options: the reference parses back to the defaults") {
    Config config;
    for (const Setting& setting : parse_config_text(config_reference(), "reference")) {
        apply_setting(config, setting);
    }
    CHECK(config.listen == Config{}.listen);
    CHECK(config.worker_threads == Config{}.worker_threads);
    CHECK_THROWS_AS(check_config(config), ConfigError);
}

TEST_CASE("command line: serve, version, help, mistakes") {
    const char* serve[] = {"afterimage", "serve",     "--data",   "/d",
                           "--listen",   "0.0.0.0:1", "--source", "mysql://u:p@h:3306"};
    const CommandLine line = parse_command_line(8, serve);
    CHECK(line.action == CommandLine::Action::kServe);
    CHECK(line.config.listen == "0.0.0.0:1");
    CHECK(line.config.source_url == "mysql://u:p@h:3306");
    const char* version[] = {"afterimage", "version"};
    CHECK(parse_command_line(2, version).action == CommandLine::Action::kVersion);
    const char* help[] = {"afterimage", "--help"};
    CHECK(parse_command_line(2, help).exit_code == 0);
    CHECK(parse_command_line(2, help).output.find("serve") != std::string::npos);
    const char* wrong[] = {"afterimage", "serve", "--dat", "/d"};
    CHECK(parse_command_line(4, wrong).exit_code != 0);
    const char* unknown[] = {"afterimage", "frobnicate"};
    CHECK(parse_command_line(2, unknown).exit_code == 2);
    CHECK(parse_command_line(2, unknown).output.find("no command 'frobnicate'") !=
          std::string::npos);
    const char* bare[] = {"afterimage", "serve"};
    CHECK_THROWS_AS(static_cast<void>(parse_command_line(2, bare)), ConfigError);
    const char* set[] = {"afterimage", "serve", "--data", "/d", "--set", "log.format=json"};
    CHECK(parse_command_line(6, set).config.log_format == LogFormat::kJson);
}

TEST_CASE("addresses: with and without host, IPv6 in brackets") {
    CHECK(parse_listen_address("127.0.0.1:33").port == 33);
    CHECK(parse_listen_address(":33").host.empty());
    CHECK(parse_listen_address("33").port == 33);
    CHECK(parse_listen_address("[::1]:33").host == "::1");
    for (const char* bad : {"", "x", "1:2:3:x", "127.0.0.1:70000", "a.b:1", "127.0.0.1:"}) {
        CHECK_THROWS(static_cast<void>(parse_listen_address(bad)));
    }
}

TEST_CASE("root password: environment, file, kept one, new one, in this order") {
    const std::string directory =
        std::filesystem::temp_directory_path() / "afterimage_root_password_test";
    std::filesystem::remove_all(directory);
    std::filesystem::create_directories(directory);
    storage::SeededRandom random(5);
    CHECK(resolve_root_password(directory, "env", "", random).text == "env");
    const RootPassword made = resolve_root_password(directory, nullptr, "", random);
    CHECK(made.generated);
    CHECK(made.text.size() == 24);
    struct stat kept {};
    REQUIRE(::stat(made.kept_in.c_str(), &kept) == 0);
    CHECK((kept.st_mode & 0777) == 0600);
    const RootPassword again = resolve_root_password(directory, nullptr, "", random);
    CHECK(again.text == made.text);
    CHECK(resolve_root_password(directory, "", "", random).text == made.text);
    CHECK_FALSE(again.generated);
    std::ofstream(directory + "/p") << "from file\n";
    CHECK(resolve_root_password(directory, nullptr, directory + "/p", random).text == "from file");
    CHECK_THROWS(
        static_cast<void>(resolve_root_password(directory, nullptr, directory + "/no", random)));
    std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace afterimage::server
