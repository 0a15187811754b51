// SPDX-License-Identifier: Apache-2.0
#include "sql/plan/key_ranges.h"

#include <algorithm>

#include "sql/plan/key_value.h"

namespace afterimage::sql {

using storage::Bytes;
using storage::KeyCodec;
using storage::KeyRange;
using storage::Value;

namespace {

/// `LIKE` beyond this many bytes of fixed beginning gains nothing.
constexpr std::size_t kMaxLikePrefix = 200;

struct PartInfo {
    const storage::Column* column = nullptr;
    bool descending = false;
    bool prefix = false;
};

PartInfo part_info(const storage::TableSchema& schema, const storage::Index& index,
                   std::size_t part) {
    const storage::IndexPart& described = index.parts[part];
    return {schema.find_column(described.column), described.descending,
            described.prefix_length != 0};
}

std::optional<Bytes> end_of(storage::ByteView prefix) {
    Bytes end = KeyCodec::prefix_end(prefix);
    return end.empty() ? std::nullopt : std::optional<Bytes>(std::move(end));
}

class RangeMaker {
  public:
    RangeMaker(const KeyAccess& access, const storage::TableLayout& layout,
               const KeyValueSource& values, EvalContext& context)
        : access_(access),
          schema_(*layout.schema),
          index_(index_of(schema_, access.index)),
          codec_(codec_of(layout, access.index)),
          values_(values),
          context_(context) {}

    std::vector<KeyRange> make() {
        add_part({}, 0);
        std::sort(ranges_.begin(), ranges_.end(),
                  [](const KeyRange& a, const KeyRange& b) { return a.begin < b.begin; });
        merge();
        if (access_.reverse) {
            std::reverse(ranges_.begin(), ranges_.end());
        }
        return std::move(ranges_);
    }

  private:
    // One level of recursion a part: every combination of values becomes a prefix.
    void add_part(const Bytes& prefix, std::size_t part) {
        if (part == access_.points.size() || ranges_.size() >= kMaxKeyRanges) {
            add_range(prefix, part);
            return;
        }
        const PartInfo info = part_info(schema_, index_, part);
        const KeyPoints& points = access_.points[part];
        if (points.is_null) {
            if (!info.column->nullable) {
                return;
            }
            Bytes key = prefix;
            codec_.append_part(key, part, Value());
            add_part(key, part + 1);
            return;
        }
        for (const Expression* expression : points.values) {
            const Value value = values_(*expression);
            if (value.is_null() && (!points.null_safe || !info.column->nullable)) {
                continue;
            }
            const auto key_of = key_value(value, expression->type, info.column->type, context_);
            if (!key_of) {
                // No order to use: everything under the prefix, once.
                add_stretch(prefix, end_of(prefix));
                return;
            }
            if (!key_of->exact && !key_of->below.same_as(key_of->above)) {
                add_between(prefix, part, info, key_of->below, key_of->above);
                continue;
            }
            Bytes key = prefix;
            codec_.append_part(key, part, key_of->below);
            add_part(key, part + 1);
        }
    }

    void add_between(const Bytes& prefix, std::size_t part, const PartInfo& info,
                     const Value& below, const Value& above) {
        Bytes first = prefix;
        Bytes last = prefix;
        codec_.append_part(first, part, info.descending ? above : below);
        codec_.append_part(last, part, info.descending ? below : above);
        add_stretch(std::move(first), end_of(last));
    }

    void add_range(const Bytes& prefix, std::size_t part) {
        if (part < access_.points.size() || !access_.has_range()) {
            add_stretch(prefix, end_of(prefix));
            return;
        }
        const PartInfo info = part_info(schema_, index_, part);
        if (access_.like) {
            add_like(prefix, part);
            return;
        }
        Bytes begin = prefix;
        std::optional<Bytes> end = end_of(prefix);
        if (!info.descending && info.column->nullable) {
            // NULLs come first and never satisfy a comparison.
            codec_.append_part(begin, part, Value());
            begin = KeyCodec::prefix_end(begin);
        }
        if (!bound(prefix, part, info, access_.low, access_.low_inclusive, true, begin, end) ||
            !bound(prefix, part, info, access_.high, access_.high_inclusive, false, begin, end)) {
            return;
        }
        add_stretch(std::move(begin), std::move(end));
    }

    /// Narrows [begin, end) by one end of the range; false when nothing can match (NULL).
    bool bound(const Bytes& prefix, std::size_t part, const PartInfo& info,
               const Expression* expression, bool inclusive, bool is_low, Bytes& begin,
               std::optional<Bytes>& end) {
        if (!expression) {
            return true;
        }
        const Value value = values_(*expression);
        if (value.is_null()) {
            return false;
        }
        const auto key_of = key_value(value, expression->type, info.column->type, context_);
        if (!key_of || (value.kind() == storage::ValueKind::kBytes &&
                        value.as_bytes().size() > kMaxLikePrefix)) {
            return true;
        }
        Bytes key = prefix;
        codec_.append_part(key, part, is_low ? key_of->below : key_of->above);
        const bool exclude = !inclusive && key_of->exact && !info.prefix;
        if (is_low != info.descending) {
            begin = std::max(begin, exclude ? KeyCodec::prefix_end(key) : key);
        } else if (exclude) {
            end = std::move(key);
        } else {
            end = end_of(key);
        }
        return true;
    }

    void add_like(const Bytes& prefix, std::size_t part) {
        const Value pattern = values_(*access_.like);
        if (pattern.is_null()) {
            return;
        }
        std::string fixed;
        for (const char c : pattern.as_bytes()) {
            if (c == '%' || c == '_' || c == '\\' || fixed.size() >= kMaxLikePrefix) {
                break;
            }
            fixed.push_back(c);
        }
        // PAD SPACE keys have no trailing spaces: 'a ' LIKE 'a %' stands under 'a'.
        while (!fixed.empty() && fixed.back() == ' ') {
            fixed.pop_back();
        }
        // Only the first part: encode_text_prefix would need the values of those before it.
        const Bytes begin =
            fixed.empty() || part != 0 ? prefix : codec_.encode_text_prefix({}, fixed);
        add_stretch(begin, end_of(begin));
    }

    void add_stretch(Bytes begin, std::optional<Bytes> end) {
        if (end && *end <= begin) {
            return;
        }
        ranges_.push_back({std::move(begin), std::move(end)});
    }

    void merge() {
        std::vector<KeyRange> merged;
        for (KeyRange& range : ranges_) {
            // Ranges that only touch stay apart: each range of a unique key is one lookup.
            if (!merged.empty() && (!merged.back().end || range.begin < *merged.back().end)) {
                if (merged.back().end && (!range.end || *range.end > *merged.back().end)) {
                    merged.back().end = std::move(range.end);
                }
                continue;
            }
            merged.push_back(std::move(range));
        }
        ranges_ = std::move(merged);
    }

    const KeyAccess& access_;
    const storage::TableSchema& schema_;
    const storage::Index& index_;
    const KeyCodec& codec_;
    const KeyValueSource& values_;
    EvalContext& context_;
    std::vector<KeyRange> ranges_;
};

}  // namespace

const storage::Index& index_of(const storage::TableSchema& schema, std::size_t index) {
    return index == kPrimaryTree ? *schema.primary_key : schema.indexes[index];
}

const KeyCodec& codec_of(const storage::TableLayout& layout, std::size_t index) {
    return index == kPrimaryTree ? *layout.primary : layout.indexes[index];
}

std::vector<KeyRange> make_key_ranges(const KeyAccess& access, const storage::TableLayout& layout,
                                      const KeyValueSource& values, EvalContext& context) {
    if (access.whole()) {
        return {KeyRange{}};
    }
    return RangeMaker(access, layout, values, context).make();
}

}  // namespace afterimage::sql
