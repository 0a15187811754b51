// SPDX-License-Identifier: Apache-2.0
#include "server/source_url.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "server/config.h"

namespace afterimage::server {

namespace {

constexpr std::string_view kSchemes[] = {"mysql://", "mariadb://"};

// The URL may hold a password: no message repeats it.
[[noreturn]] void throw_malformed(const char* what) {
    throw ConfigError(std::string("the source's URL is not mysql://user:password@host:port: ") +
                      what);
}

unsigned hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return static_cast<unsigned>(c - '0');
    }
    const char lower = static_cast<char>(c | 0x20);
    if (lower >= 'a' && lower <= 'f') {
        return static_cast<unsigned>(lower - 'a') + 10;
    }
    throw_malformed("a percent sign without two hexadecimal digits");
}

std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out.push_back(text[i]);
            continue;
        }
        if (i + 2 >= text.size()) {
            throw_malformed("a percent sign without two hexadecimal digits");
        }
        out.push_back(static_cast<char>(hex_digit(text[i + 1]) << 4U | hex_digit(text[i + 2])));
        i += 2;
    }
    return out;
}

}  // namespace

replication::SourceOptions parse_source_url(std::string_view url) {
    const auto* const scheme = std::ranges::find_if(
        kSchemes, [&](std::string_view candidate) { return url.starts_with(candidate); });
    if (scheme == std::end(kSchemes)) {
        throw_malformed("it does not begin with mysql://");
    }
    url.remove_prefix(scheme->size());
    url = url.substr(0, url.find('/'));
    replication::SourceOptions options;
    options.user = "root";
    const std::size_t at = url.rfind('@');
    if (at != std::string_view::npos) {
        const std::string_view login = url.substr(0, at);
        const std::size_t colon = login.find(':');
        options.user = decoded(login.substr(0, colon));
        if (colon != std::string_view::npos) {
            options.password = decoded(login.substr(colon + 1));
        }
        url.remove_prefix(at + 1);
    }
    std::string_view port;
    if (url.starts_with('[')) {
        const std::size_t end = url.find(']');
        if (end == std::string_view::npos) {
            throw_malformed("an address without its closing bracket");
        }
        options.host = url.substr(1, end - 1);
        port = url.substr(end + 1);
        if (port.starts_with(':')) {
            port.remove_prefix(1);
        }
    } else {
        const std::size_t colon = url.find(':');
        options.host = decoded(url.substr(0, colon));
        port = colon == std::string_view::npos ? std::string_view() : url.substr(colon + 1);
    }
    if (options.host.empty()) {
        throw_malformed("no host");
    }
    if (!port.empty()) {
        const auto [end, error] =
            std::from_chars(port.data(), port.data() + port.size(), options.port);
        if (error != std::errc() || end != port.data() + port.size() || options.port == 0) {
            throw_malformed("the port is not a number from 1 to 65535");
        }
    }
    return options;
}

}  // namespace afterimage::server
