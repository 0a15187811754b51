// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/testing/column_type_reader.h"

#include <cstdlib>
#include <stdexcept>

namespace afterimage::sql::testing {

namespace {

using storage::TypeId;

TypeId id_of(const std::string& name) {
    for (unsigned id = 1; id <= static_cast<unsigned>(TypeId::kInet6); ++id) {
        if (storage::type_name(static_cast<TypeId>(id)) == name) {
            return static_cast<TypeId>(id);
        }
    }
    throw std::runtime_error("unknown type " + name);
}

void read_labels(const std::string& inside, storage::ColumnType& type) {
    for (std::size_t at = inside.find('\''); at != std::string::npos;
         at = inside.find('\'', at + 1)) {
        const std::size_t end = inside.find('\'', at + 1);
        type.labels.push_back(inside.substr(at + 1, end - at - 1));
        at = end;
    }
}

}  // namespace

storage::ColumnType read_column_type(const std::string& text, bool& nullable) {
    const std::size_t name_end = text.find_first_of("( ");
    storage::ColumnType type;
    type.id = id_of(text.substr(0, name_end));
    const bool real = type.id == TypeId::kFloat || type.id == TypeId::kDouble;
    type.scale = real ? std::uint8_t{31} : std::uint8_t{0};
    const std::size_t open = text.find('(');
    if (open != std::string::npos) {
        const std::string inside = text.substr(open + 1, text.find(')') - open - 1);
        const bool labels = type.id == TypeId::kEnum || type.id == TypeId::kSet;
        const bool fraction = type.id == TypeId::kTime || type.id == TypeId::kDateTime ||
                              type.id == TypeId::kTimestamp;
        const auto first = static_cast<std::uint32_t>(std::strtoul(inside.c_str(), nullptr, 10));
        if (labels) {
            read_labels(inside, type);
        } else if (fraction) {
            type.scale = static_cast<std::uint8_t>(first);
        } else {
            type.length = first;
        }
        const std::size_t comma = inside.find(',');
        if (!labels && comma != std::string::npos) {
            type.scale =
                static_cast<std::uint8_t>(std::strtoul(inside.c_str() + comma + 1, nullptr, 10));
        }
    }
    type.is_unsigned = text.find("unsigned") != std::string::npos;
    nullable = text.find("not null") == std::string::npos;
    if (storage::is_text(type.id) || type.id == TypeId::kEnum || type.id == TypeId::kSet) {
        type.collation = text.find("latin1") != std::string::npos  ? std::uint16_t{8}
                         : text.find("ascii") != std::string::npos ? std::uint16_t{11}
                                                                   : std::uint16_t{45};
    }
    return type;
}

}  // namespace afterimage::sql::testing
