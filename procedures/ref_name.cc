// SPDX-License-Identifier: Apache-2.0
#include "procedures/ref_name.h"

#include "sql/catalog/identifier.h"
#include "storage/bytes/content_hash.h"

namespace afterimage::procedures {

bool is_valid_ref_name(std::string_view name) {
    if (name.empty() || name == "-" || name == "@" || sql::same_name(name, "HEAD") ||
        sql::same_name(name, "WORKING") || sql::same_name(name, "STAGED") ||
        storage::Hash::parse(name) || name.front() == '/' || name.front() == '-' ||
        name.front() == '.' || name.back() == '/' || name.back() == '.') {
        return false;
    }
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= 0x20 || byte == 0x7f || std::string_view("~^:?*[\\").find(c) != name.npos) {
            return false;
        }
    }
    for (const char* part : {"..", "//", "@{", "/.", ".lock/"}) {
        if (name.find(part) != std::string_view::npos) {
            return false;
        }
    }
    return !name.ends_with(".lock");
}

}  // namespace afterimage::procedures
