// SPDX-License-Identifier: Apache-2.0
#include "replication/gtid_set.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

namespace afterimage::replication {
namespace {

using Interval = MysqlGtidSet::Interval;
using storage::ByteReader;
using storage::Bytes;
using storage::ByteView;

constexpr std::uint64_t kMaxNumber = static_cast<std::uint64_t>(INT64_MAX);
constexpr std::size_t kMaxTag = 32;

std::string_view trim(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n\f\v";
    const std::size_t begin = text.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

// Cuts the part before `separator` off the front; the whole rest when there is none.
std::string_view take_until(std::string_view& text, char separator) {
    const std::size_t at = text.find(separator);
    const std::string_view part = text.substr(0, at);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
    return part;
}

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

std::optional<Interval> parse_interval(std::string_view text) {
    const std::size_t dash = text.find('-');
    const auto first = parse_number<std::uint64_t>(trim(text.substr(0, dash)));
    const auto last = dash == std::string_view::npos
                          ? first
                          : parse_number<std::uint64_t>(trim(text.substr(dash + 1)));
    if (!first || !last || *first == 0 || *last > kMaxNumber) {
        return std::nullopt;
    }
    return Interval{*first, *last};
}

std::optional<std::string> parse_tag(std::string_view text) {
    if (text.empty() || text.size() > kMaxTag ||
        std::isdigit(static_cast<unsigned char>(text[0])) != 0) {
        return std::nullopt;
    }
    std::string tag;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x80 || (std::isalnum(byte) == 0 && c != '_')) {
            return std::nullopt;
        }
        tag.push_back(static_cast<char>(std::tolower(byte)));
    }
    return tag;
}

[[noreturn]] void throw_bad_item(std::string_view item) {
    throw GtidError("malformed GTID set: '" + std::string(item.substr(0, 100)) + "'");
}

void append_intervals(Bytes& out, const std::vector<Interval>& intervals) {
    storage::append_le<std::uint64_t>(out, intervals.size());
    for (const auto& interval : intervals) {
        storage::append_le<std::uint64_t>(out, interval.first);
        storage::append_le<std::uint64_t>(out, interval.last + 1);
    }
}

}  // namespace

MysqlGtidSet MysqlGtidSet::parse(std::string_view text) {
    MysqlGtidSet set;
    while (!text.empty()) {
        const std::string_view item = trim(take_until(text, ','));
        if (item.empty()) {
            continue;
        }
        std::string_view rest = item;
        const auto uuid = parse_uuid(trim(take_until(rest, ':')));
        if (!uuid || rest.empty()) {
            throw_bad_item(item);
        }
        Source source{*uuid, ""};
        while (!rest.empty()) {
            const std::string_view part = trim(take_until(rest, ':'));
            if (const auto interval = parse_interval(part)) {
                // MySQL takes "5-3" as an empty interval.
                if (interval->first <= interval->last) {
                    set.add(source, *interval);
                }
            } else if (const auto tag = parse_tag(part)) {
                source.tag = *tag;
            } else {
                throw_bad_item(item);
            }
        }
    }
    return set;
}

MysqlGtidSet MysqlGtidSet::decode(ByteView bytes) {
    constexpr std::uint64_t kCountMask = (1ULL << 48U) - 1;
    MysqlGtidSet set;
    ByteReader reader(bytes);
    try {
        const std::uint64_t word = reader.u64();
        const bool tagged = word >> 56U == 1;
        const std::uint64_t sources = tagged ? word >> 8U & kCountMask : word;
        for (std::uint64_t i = 0; i < sources; ++i) {
            Source source;
            reader.bytes(16).copy(reinterpret_cast<char*>(source.uuid.data()), 16);
            if (tagged) {
                source.tag = std::string(reader.bytes(reader.u8() >> 1U));
            }
            const std::uint64_t count = reader.u64();
            for (std::uint64_t j = 0; j < count; ++j) {
                const std::uint64_t first = reader.u64();
                const std::uint64_t end = reader.u64();
                if (first == 0 || end <= first || end - 1 > kMaxNumber) {
                    throw GtidError("malformed GTID set: interval out of range");
                }
                set.add(source, {first, end - 1});
            }
        }
    } catch (const storage::TruncatedInput& error) {
        throw GtidError(std::string("malformed GTID set: ") + error.what());
    }
    if (!reader.at_end()) {
        throw GtidError("malformed GTID set: bytes behind its end");
    }
    return set;
}

std::string MysqlGtidSet::text(std::string_view separator) const {
    std::string out;
    const Uuid* previous = nullptr;
    for (const auto& [source, intervals] : intervals_) {
        if (previous == nullptr || *previous != source.uuid) {
            out.append(previous == nullptr ? "" : separator);
            out.append(uuid_text(source.uuid));
            previous = &source.uuid;
        }
        if (!source.tag.empty()) {
            out.append(":").append(source.tag);
        }
        for (const auto& interval : intervals) {
            out.append(":").append(std::to_string(interval.first));
            if (interval.last != interval.first) {
                out.append("-").append(std::to_string(interval.last));
            }
        }
    }
    return out;
}

Bytes MysqlGtidSet::encode() const {
    Bytes out;
    const bool tagged = has_tags();
    const std::uint64_t count = intervals_.size();
    storage::append_le<std::uint64_t>(out, tagged ? 1ULL << 56U | count << 8U | 1U : count);
    for (const auto& [source, intervals] : intervals_) {
        out.append(reinterpret_cast<const char*>(source.uuid.data()), source.uuid.size());
        if (tagged) {
            out.push_back(static_cast<char>(source.tag.size() << 1U));
            out.append(source.tag);
        }
        append_intervals(out, intervals);
    }
    return out;
}

std::uint64_t MysqlGtidSet::count() const noexcept {
    std::uint64_t total = 0;
    for (const auto& [source, intervals] : intervals_) {
        for (const auto& interval : intervals) {
            total += interval.last - interval.first + 1;
        }
    }
    return total;
}

bool MysqlGtidSet::has_tags() const noexcept {
    return std::any_of(intervals_.begin(), intervals_.end(),
                       [](const auto& entry) { return !entry.first.tag.empty(); });
}

bool MysqlGtidSet::contains(const MysqlGtid& gtid) const {
    const auto found = intervals_.find(Source{gtid.uuid, gtid.tag});
    if (found == intervals_.end()) {
        return false;
    }
    // The first interval that does not end before the number.
    const auto at = std::lower_bound(
        found->second.begin(), found->second.end(), gtid.number,
        [](const Interval& interval, std::uint64_t number) { return interval.last < number; });
    return at != found->second.end() && at->first <= gtid.number;
}

bool MysqlGtidSet::contains(const MysqlGtidSet& other) const {
    MysqlGtidSet missing = other;
    missing.subtract(*this);
    return missing.empty();
}

void MysqlGtidSet::add(const Source& source, Interval added) {
    auto& list = intervals_[source];
    if (!list.empty() && list.back().last + 1 == added.first) {
        list.back().last = added.last;  // the common case: the next transaction
        return;
    }
    // Everything that touches or overlaps [added] is merged into it.
    auto begin = std::lower_bound(
        list.begin(), list.end(), added.first,
        [](const Interval& interval, std::uint64_t first) { return interval.last + 1 < first; });
    auto end = begin;
    while (end != list.end() && end->first <= added.last + 1) {
        added.first = std::min(added.first, end->first);
        added.last = std::max(added.last, end->last);
        ++end;
    }
    begin = list.erase(begin, end);
    list.insert(begin, added);
}

void MysqlGtidSet::add(const MysqlGtidSet& other) {
    for (const auto& [source, intervals] : other.intervals_) {
        for (const auto& interval : intervals) {
            add(source, interval);
        }
    }
}

void MysqlGtidSet::subtract(const Source& source, Interval removed) {
    const auto found = intervals_.find(source);
    if (found == intervals_.end()) {
        return;
    }
    std::vector<Interval> kept;
    for (const auto& interval : found->second) {
        if (interval.last < removed.first || interval.first > removed.last) {
            kept.push_back(interval);
            continue;
        }
        if (interval.first < removed.first) {
            kept.push_back({interval.first, removed.first - 1});
        }
        if (interval.last > removed.last) {
            kept.push_back({removed.last + 1, interval.last});
        }
    }
    if (kept.empty()) {
        intervals_.erase(found);
    } else {
        found->second = std::move(kept);
    }
}

void MysqlGtidSet::subtract(const MysqlGtidSet& other) {
    for (const auto& [source, intervals] : other.intervals_) {
        for (const auto& interval : intervals) {
            subtract(source, interval);
        }
    }
}

MariadbGtid MariadbGtidPosition::parse_gtid(std::string_view text) {
    std::string_view rest = trim(text);
    const auto domain = parse_number<std::uint32_t>(take_until(rest, '-'));
    const auto server = parse_number<std::uint32_t>(take_until(rest, '-'));
    const auto sequence = parse_number<std::uint64_t>(rest);
    if (!domain || !server || !sequence) {
        throw GtidError("malformed GTID: '" + std::string(text.substr(0, 100)) + "'");
    }
    return {*domain, *server, *sequence};
}

MariadbGtidPosition MariadbGtidPosition::parse(std::string_view text) {
    MariadbGtidPosition position;
    text = trim(text);
    while (!text.empty()) {
        const MariadbGtid gtid = parse_gtid(take_until(text, ','));
        if (!position.by_domain_.emplace(gtid.domain, gtid).second) {
            throw GtidError("GTID position names domain " + std::to_string(gtid.domain) + " twice");
        }
    }
    return position;
}

std::string MariadbGtidPosition::text() const {
    std::string out;
    for (const auto& [domain, gtid] : by_domain_) {
        out.append(out.empty() ? "" : ",").append(gtid.text());
    }
    return out;
}

const MariadbGtid* MariadbGtidPosition::find(std::uint32_t domain) const {
    const auto found = by_domain_.find(domain);
    return found == by_domain_.end() ? nullptr : &found->second;
}

bool MariadbGtidPosition::contains(const MariadbGtid& gtid) const {
    const MariadbGtid* at = find(gtid.domain);
    return at != nullptr && at->sequence >= gtid.sequence;
}

bool MariadbGtidPosition::contains(const MariadbGtidPosition& other) const {
    return std::all_of(other.by_domain_.begin(), other.by_domain_.end(),
                       [&](const auto& entry) { return contains(entry.second); });
}

void MariadbGtidPosition::add(const MariadbGtidPosition& other) {
    for (const auto& [domain, gtid] : other.by_domain_) {
        if (!contains(gtid)) {
            by_domain_[domain] = gtid;
        }
    }
}

void MariadbGtidPosition::subtract(const MariadbGtidPosition& other) {
    std::erase_if(by_domain_, [&](const auto& entry) { return other.contains(entry.second); });
}

}  // namespace afterimage::replication
