// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/enum_label.h"

#include "sql/expr/charset.h"

namespace afterimage::sql {

namespace {

std::uint64_t find_label(std::string_view text, const storage::ColumnType& type) {
    for (std::size_t i = 0; i < type.labels.size(); ++i) {
        if (text == type.labels[i]) {
            return i + 1;
        }
    }
    return 0;
}

}  // namespace

std::uint64_t label_number(std::string_view text, const storage::ColumnType& type) {
    std::string converted;
    if (!is_ascii(text)) {
        charset_convert(converted, text, type.collation, kUtf8mb4Bin);
        text = converted;
    }
    if (type.id == storage::TypeId::kEnum) {
        return find_label(text, type);
    }
    std::uint64_t bitmap = 0;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        const std::uint64_t at = find_label(text.substr(0, comma), type);
        if (at > 0 && at <= 64) {
            bitmap |= std::uint64_t{1} << (at - 1);
        }
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    }
    return bitmap;
}

std::vector<std::string> labels_in_charset(const storage::ColumnType& type) {
    std::vector<std::string> labels;
    labels.reserve(type.labels.size());
    for (const std::string& label : type.labels) {
        labels.push_back(is_ascii(label) && is_ascii_superset(type.collation)
                             ? label
                             : charset_convert(label, kUtf8mb4Bin, type.collation));
    }
    return labels;
}

std::string set_text(std::uint64_t bitmap, const std::vector<std::string>& labels) {
    std::string out;
    for (std::size_t i = 0; i < labels.size() && i < 64; ++i) {
        if ((bitmap >> i & 1U) != 0) {
            if (!out.empty()) {
                out += ',';
            }
            out += labels[i];
        }
    }
    return out;
}

}  // namespace afterimage::sql
