// SPDX-License-Identifier: Apache-2.0
// CHARACTER_SETS, COLLATIONS, COLLATION_CHARACTER_SET_APPLICABILITY.
#include "sql/catalog/information_schema/character_sets.h"

#include <algorithm>

#include "sql/catalog/information_schema/information_schema.h"

namespace afterimage::sql {

namespace {

struct Description {
    std::string_view charset;
    std::string_view text;
};
// MySQL 8.0 manual, "Supported Character Sets and Collations".
constexpr Description kDescriptions[] = {
    {"armscii8", "ARMSCII-8 Armenian"},
    {"ascii", "US ASCII"},
    {"big5", "Big5 Traditional Chinese"},
    {"binary", "Binary pseudo charset"},
    {"cp1250", "Windows Central European"},
    {"cp1251", "Windows Cyrillic"},
    {"cp1256", "Windows Arabic"},
    {"cp1257", "Windows Baltic"},
    {"cp850", "DOS West European"},
    {"cp852", "DOS Central European"},
    {"cp866", "DOS Russian"},
    {"cp932", "SJIS for Windows Japanese"},
    {"dec8", "DEC West European"},
    {"eucjpms", "UJIS for Windows Japanese"},
    {"euckr", "EUC-KR Korean"},
    {"gb18030", "China National Standard GB18030"},
    {"gb2312", "GB2312 Simplified Chinese"},
    {"gbk", "GBK Simplified Chinese"},
    {"geostd8", "GEOSTD8 Georgian"},
    {"greek", "ISO 8859-7 Greek"},
    {"hebrew", "ISO 8859-8 Hebrew"},
    {"hp8", "HP West European"},
    {"keybcs2", "DOS Kamenicky Czech-Slovak"},
    {"koi8r", "KOI8-R Relcom Russian"},
    {"koi8u", "KOI8-U Ukrainian"},
    {"latin1", "cp1252 West European"},
    {"latin2", "ISO 8859-2 Central European"},
    {"latin5", "ISO 8859-9 Turkish"},
    {"latin7", "ISO 8859-13 Baltic"},
    {"macce", "Mac Central European"},
    {"macroman", "Mac West European"},
    {"sjis", "Shift-JIS Japanese"},
    {"swe7", "7bit Swedish"},
    {"tis620", "TIS620 Thai"},
    {"ucs2", "UCS-2 Unicode"},
    {"ujis", "EUC-JP Japanese"},
    {"utf16", "UTF-16 Unicode"},
    {"utf16le", "UTF-16LE Unicode"},
    {"utf32", "UTF-32 Unicode"},
    {"utf8mb3", "UTF-8 Unicode"},
    {"utf8mb4", "UTF-8 Unicode"},
};

constexpr ColumnSpec kCharacterSets[] = {
    text_column("CHARACTER_SET_NAME"),
    text_column("DEFAULT_COLLATE_NAME"),
    text_column("DESCRIPTION", 2048),
    unsigned_int_column("MAXLEN"),
};

constexpr ColumnSpec kCollations[] = {
    text_column("COLLATION_NAME"),   text_column("CHARACTER_SET_NAME"),
    unsigned_column("ID"),           text_column("IS_DEFAULT", 3),
    text_column("IS_COMPILED", 3),   unsigned_int_column("SORTLEN"),
    text_column("PAD_ATTRIBUTE", 9),
};

constexpr ColumnSpec kApplicability[] = {
    text_column("COLLATION_NAME"),
    text_column("CHARACTER_SET_NAME"),
};

void fill_character_sets(Fill& fill) {
    for (const CharacterSetFacts& charset : character_sets()) {
        fill.row()
            .text(charset.name)
            .text(charset.default_collation)
            .text(charset.description)
            .number(charset.max_bytes)
            .add();
    }
}

void fill_collations(Fill& fill) {
    for (const CollationFacts& collation : collations()) {
        fill.row()
            .text(collation.name)
            .text(collation.charset)
            .number(collation.id)
            .text(collation.is_default ? "Yes" : "")
            .text("Yes")
            .number(collation.sort_length)
            .text(collation.pad_space ? "PAD SPACE" : "NO PAD")
            .add();
    }
}

void fill_applicability(Fill& fill) {
    for (const CollationFacts& collation : collations()) {
        fill.row().text(collation.name).text(collation.charset).add();
    }
}

}  // namespace

std::vector<CollationFacts> collations() {
    std::vector<CollationFacts> out;
    for (const storage::Collation* collation : storage::all_collations()) {
        const storage::Collation* by_default =
            storage::default_collation(collation->charset_name(), false);
        CollationFacts facts;
        facts.name = collation->name();
        facts.charset = collation->charset_name();
        facts.id = collation->id();
        facts.is_default = by_default != nullptr && by_default->id() == collation->id();
        facts.pad_space = collation->pad_space();
        // Drivers look at it, nothing computes with it: MySQL has 0 for UCA 9.0.0, 1 for plain
        // tables and 8 for the older UCA tables.
        const bool plain =
            facts.name.ends_with("_bin") || facts.name.find("_general") != std::string_view::npos;
        facts.sort_length = !facts.pad_space                            ? 0
                            : plain || collation->max_char_bytes() == 1 ? 1
                                                                        : 8;
        out.push_back(facts);
    }
    std::sort(out.begin(), out.end(),
              [](const CollationFacts& a, const CollationFacts& b) { return a.name < b.name; });
    return out;
}

std::vector<CharacterSetFacts> character_sets() {
    std::vector<CharacterSetFacts> out;
    for (const storage::Collation* collation : storage::all_collations()) {
        const std::string_view name = collation->charset_name();
        const bool known = std::any_of(
            out.begin(), out.end(), [name](const CharacterSetFacts& c) { return c.name == name; });
        const storage::Collation* by_default = storage::default_collation(name, false);
        if (known || by_default == nullptr) {
            continue;
        }
        const auto* found =
            std::find_if(std::begin(kDescriptions), std::end(kDescriptions),
                         [name](const Description& d) { return d.charset == name; });
        out.push_back({name, by_default->name(),
                       found == std::end(kDescriptions) ? std::string_view() : found->text,
                       collation->max_char_bytes()});
    }
    std::sort(out.begin(), out.end(), [](const CharacterSetFacts& a, const CharacterSetFacts& b) {
        return a.name < b.name;
    });
    return out;
}

void register_character_sets(VirtualTableRegistry& registry) {
    add_filled_table(registry, "information_schema", "CHARACTER_SETS", kCharacterSets,
                     fill_character_sets);
    add_filled_table(registry, "information_schema", "COLLATIONS", kCollations, fill_collations);
    add_filled_table(registry, "information_schema", "COLLATION_CHARACTER_SET_APPLICABILITY",
                     kApplicability, fill_applicability);
}

}  // namespace afterimage::sql
