// SPDX-License-Identifier: Apache-2.0
// TOML to settings; the only file that sees toml++.
#include <toml++/toml.h>
#include <fstream>
#include <sstream>
#include <string>

#include "server/config.h"

namespace afterimage::server {

namespace {

std::string value_text(const toml::node& node, const std::string& where) {
    if (const auto* text = node.as_string()) {
        return text->get();
    }
    if (const auto* number = node.as_integer()) {
        return std::to_string(number->get());
    }
    if (const auto* flag = node.as_boolean()) {
        return flag->get() ? "true" : "false";
    }
    throw ConfigError(where + ": a string, a whole number or a boolean is expected");
}

/// Tables nest one level: [section] key = value.
void append_table(std::vector<Setting>& settings, const toml::table& table,
                  const std::string& prefix, const std::string& name) {
    for (const auto& [key, node] : table) {
        const std::string path = prefix + std::string(key.str());
        const std::string origin = name + ":" + std::to_string(node.source().begin.line);
        if (const toml::table* inner = node.as_table()) {
            append_table(settings, *inner, path + ".", name);
        } else {
            settings.push_back({path, value_text(node, origin + ": " + path), origin});
        }
    }
}

}  // namespace

std::vector<Setting> parse_config_text(std::string_view text, const std::string& name) {
    std::vector<Setting> settings;
    try {
        const toml::table table = toml::parse(text, name);
        append_table(settings, table, "", name);
    } catch (const toml::parse_error& error) {
        throw ConfigError(name + ":" + std::to_string(error.source().begin.line) + ": " +
                          std::string(error.description()));
    }
    return settings;
}

std::vector<Setting> read_config_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (!file || !(text << file.rdbuf())) {
        throw ConfigError("cannot read " + path);
    }
    return parse_config_text(text.str(), path);
}

}  // namespace afterimage::server
