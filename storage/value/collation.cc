// SPDX-License-Identifier: Apache-2.0
// The registry: every collation of MySQL 8.0 and MariaDB 10.11 by number and name, and which of
// them have a frozen table.
#include "storage/value/collation.h"

#include <algorithm>
#include <memory>
#include <string>
#include <unordered_map>

#include "storage/value/table_collation.h"

namespace afterimage::storage {

namespace {

struct ListedCollation {
    CollationId id;
    std::string_view name;
};
constexpr ListedCollation kCollations[] = {
#include "storage/value/collation_tables/collation_list.inc"
};

struct ListedCharset {
    std::string_view name;
    std::string_view mariadb_default;
    unsigned max_char_bytes;
};
constexpr ListedCharset kCharsets[] = {
#include "storage/value/collation_tables/charset_list.inc"
};

struct ByteTable {
    std::string_view name;
    std::uint8_t weights[256];
};
constexpr ByteTable kByteTables[] = {
#include "storage/value/collation_tables/single_byte.inc"
};

/// MySQL 8.0's default of utf8mb4 is its own; of every other charset it is MariaDB's.
constexpr std::string_view kMysqlUtf8mb4Default = "utf8mb4_0900_ai_ci";

/// Collations of one-byte charsets that reorder or expand, so that bytes do not order as they do.
constexpr std::string_view kThai = "tis620_thai";

std::string lowered(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

/// "utf8" is utf8mb3 to MySQL 8.0 and MariaDB 10.11 alike.
std::string full_name(std::string_view name) {
    std::string out = lowered(name);
    if (out == "utf8" || out.starts_with("utf8_")) {
        out.insert(4, "mb3");
    }
    return out;
}

CharsetId charset_id(std::string_view name) {
    constexpr std::pair<std::string_view, CharsetId> kKnown[] = {
        {"binary", CharsetId::kBinary},   {"utf8mb4", CharsetId::kUtf8mb4},
        {"utf8mb3", CharsetId::kUtf8mb3}, {"latin1", CharsetId::kLatin1},
        {"ascii", CharsetId::kAscii},     {"ucs2", CharsetId::kUcs2},
        {"utf16", CharsetId::kUtf16},     {"utf32", CharsetId::kUtf32}};
    for (const auto& [known, id] : kKnown) {
        if (known == name) {
            return id;
        }
    }
    return CharsetId::kOther;
}

const ListedCharset* find_charset(std::string_view name) {
    const auto* const found =
        std::find_if(std::begin(kCharsets), std::end(kCharsets),
                     [&](const ListedCharset& listed) { return listed.name == name; });
    return found == std::end(kCharsets) ? nullptr : found;
}

/// The name without its NO PAD mark: such collations share the table of the padding one.
std::string table_name(std::string_view name) {
    std::string out(name);
    const std::size_t at = out.find("_nopad");
    if (at != std::string::npos) {
        out.erase(at, 6);
    }
    return out;
}

void choose_utf8_table(TableCollation::Traits& traits, std::string_view table) {
    const std::string_view order = table.substr(traits.charset_name.size() + 1);
    if (order == "bin" || order == "0900_bin") {
        // Without pads the bytes order as the code points do.
        traits.form = traits.pad_space ? WeightForm::kCodePoint : WeightForm::kByte;
    } else if (order == "general_ci") {
        traits.form = WeightForm::kGeneral;
    } else if (order == "unicode_ci" || order == "unicode_520_ci" || order == "0900_ai_ci" ||
               order == "uca1400_ai_ci") {
        traits.form = WeightForm::kUca;
        traits.uca = order == "unicode_ci"       ? UcaVersion::k400
                     : order == "unicode_520_ci" ? UcaVersion::k520
                     : order == "0900_ai_ci"     ? UcaVersion::k900
                                                 : UcaVersion::k1400;
    }
}

void choose_table(TableCollation::Traits& traits) {
    const std::string table = table_name(traits.name);
    if (traits.charset == CharsetId::kUtf8mb4 || traits.charset == CharsetId::kUtf8mb3) {
        choose_utf8_table(traits, table);
        return;
    }
    if (traits.max_char_bytes != 1 || table.starts_with(kThai)) {
        return;
    }
    if (traits.name == "binary" || table.ends_with("_bin")) {
        traits.form = WeightForm::kByte;
        return;
    }
    for (const ByteTable& listed : kByteTables) {
        if (listed.name == table) {
            traits.form = WeightForm::kByte;
            traits.byte_weights = listed.weights;
        }
    }
}

TableCollation::Traits traits_of(const ListedCollation& listed) {
    TableCollation::Traits traits;
    traits.id = listed.id;
    traits.name = listed.name;
    traits.charset_name = listed.name.substr(0, listed.name.find('_'));
    traits.charset = charset_id(traits.charset_name);
    const ListedCharset* charset = find_charset(traits.charset_name);
    traits.max_char_bytes = charset == nullptr ? 1 : charset->max_char_bytes;
    traits.pad_space = listed.name != "binary" && listed.name.find("_0900_") == std::string::npos &&
                       listed.name.find("_nopad") == std::string::npos;
    choose_table(traits);
    return traits;
}

class Registry {
  public:
    Registry() {
        owned_.reserve(std::size(kCollations));
        for (const ListedCollation& listed : kCollations) {
            owned_.push_back(std::make_unique<TableCollation>(traits_of(listed)));
            const Collation* collation = owned_.back().get();
            all_.push_back(collation);
            if (by_id_.size() <= listed.id) {
                by_id_.resize(listed.id + std::size_t{1});
            }
            by_id_[listed.id] = collation;
            by_name_.emplace(listed.name, collation);
        }
    }
    [[nodiscard]] const Collation* find(CollationId id) const noexcept {
        return id < by_id_.size() ? by_id_[id] : nullptr;
    }
    [[nodiscard]] const Collation* find(const std::string& name) const noexcept {
        const auto found = by_name_.find(name);
        return found == by_name_.end() ? nullptr : found->second;
    }
    [[nodiscard]] const std::vector<const Collation*>& all() const noexcept { return all_; }

  private:
    std::vector<std::unique_ptr<const TableCollation>> owned_;
    std::vector<const Collation*> all_;
    std::vector<const Collation*> by_id_;
    std::unordered_map<std::string_view, const Collation*> by_name_;
};

const Registry& registry() {
    static const Registry kRegistry;
    return kRegistry;
}

}  // namespace

const Collation* find_collation(CollationId id) noexcept { return registry().find(id); }

const Collation* find_collation(std::string_view name) noexcept {
    return registry().find(full_name(name));
}

const Collation* default_collation(std::string_view charset_name, bool mariadb) noexcept {
    const std::string name = full_name(charset_name);
    if (name == "utf8mb4" && !mariadb) {
        return registry().find(std::string(kMysqlUtf8mb4Default));
    }
    const ListedCharset* charset = find_charset(name);
    return charset == nullptr ? nullptr : registry().find(std::string(charset->mariadb_default));
}

const std::vector<const Collation*>& all_collations() { return registry().all(); }

}  // namespace afterimage::storage
