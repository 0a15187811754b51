// SPDX-License-Identifier: Apache-2.0
// The sort keys that our tables give, for collation_mariadb_test.py: one argument, a collation's
// name; each line of standard input is a text in hex, each line of output its key and its hash.
#include <cstdio>
#include <iostream>
#include <string>

#include "storage/value/collation.h"

namespace {

using afterimage::storage::Bytes;

Bytes from_hex(const std::string& hex) {
    Bytes out;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        out.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    }
    return out;
}

std::string to_hex(const Bytes& bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += kDigits[byte >> 4U];
        out += kDigits[byte & 15U];
    }
    return out;
}

}  // namespace

int main(int argc, char** argv) {
    const auto* collation =
        argc == 2 ? afterimage::storage::find_collation(std::string_view(argv[1])) : nullptr;
    if (collation == nullptr || !collation->has_weights()) {
        std::cerr << "usage: collation_keys <collation with a frozen table>\n";
        return 2;
    }
    for (std::string line; std::getline(std::cin, line);) {
        const Bytes text = from_hex(line);
        Bytes key;
        collation->append_sort_key(key, text);
        std::cout << to_hex(key) << ' ' << collation->hash(text) << '\n';
    }
    return 0;
}
