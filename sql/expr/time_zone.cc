// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/time_zone.h"

#include <date/tz.h>

#include <cctype>
#include <stdexcept>

#include "storage/value/temporal.h"

namespace afterimage::sql {

namespace {

using std::chrono::seconds;
constexpr std::int64_t kMicrosPerSecond = 1000000;
constexpr std::int64_t kMinSeconds = -62167219200;  ///< 0000-01-01
constexpr std::int64_t kMaxSeconds = 253402300799;  ///< 9999-12-31 23:59:59

/// "+02:00", "-5:30": seconds, or nothing. Range -13:59 … +14:00 as in MySQL 8.0.19.
std::optional<std::int64_t> parse_offset(std::string_view text) {
    if (text.size() < 5 || text.size() > 6 || (text[0] != '+' && text[0] != '-')) {
        return std::nullopt;
    }
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon + 3 != text.size()) {
        return std::nullopt;
    }
    std::int64_t hours = 0;
    for (const char c : text.substr(1, colon - 1)) {
        if (c < '0' || c > '9') {
            return std::nullopt;
        }
        hours = hours * 10 + (c - '0');
    }
    const char tens = text[colon + 1];
    const char ones = text[colon + 2];
    if (tens < '0' || tens > '5' || ones < '0' || ones > '9') {
        return std::nullopt;
    }
    const std::int64_t minutes = hours * 60 + (tens - '0') * 10 + (ones - '0');
    const bool negative = text[0] == '-';
    if (minutes > (negative ? 13 * 60 + 59 : 14 * 60)) {
        return std::nullopt;
    }
    return (negative ? -minutes : minutes) * 60;
}

std::int64_t floor_seconds(std::int64_t micros) {
    std::int64_t whole = micros / kMicrosPerSecond;
    if (micros % kMicrosPerSecond < 0) {
        --whole;
    }
    return whole;
}

/// date::locate_zone wants the exact case; MySQL does not care.
const date::time_zone* find_zone(std::string_view name) {
    try {
        return date::locate_zone(name);
    } catch (const std::runtime_error&) {
        for (const date::time_zone& zone : date::get_tzdb().zones) {
            const std::string& known = zone.name();
            bool equal = known.size() == name.size();
            for (std::size_t i = 0; equal && i < name.size(); ++i) {
                equal = std::tolower(static_cast<unsigned char>(known[i])) ==
                        std::tolower(static_cast<unsigned char>(name[i]));
            }
            if (equal) {
                return &zone;
            }
        }
        return nullptr;
    }
}

}  // namespace

struct TimeZone::Rules {
    const date::time_zone* zone = nullptr;
    /// The span of the last answer: neighbouring rows mostly ask for the same one.
    mutable date::sys_info last{};
};

TimeZone::TimeZone() = default;
TimeZone::~TimeZone() = default;

std::shared_ptr<const TimeZone> TimeZone::find(std::string_view name) {
    std::shared_ptr<TimeZone> zone(new TimeZone());
    zone->name_ = std::string(name);
    if (const std::optional<std::int64_t> offset = parse_offset(name)) {
        zone->offset_seconds_ = *offset;
        return zone;
    }
    zone->rules_ = std::make_unique<Rules>();
    std::string upper;
    for (const char c : name) {
        upper += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    try {
        zone->rules_->zone = upper == "SYSTEM" ? date::current_zone() : find_zone(name);
    } catch (const std::exception&) {
        // A host without a readable local zone runs on UTC.
        zone->rules_.reset();
        return upper == "SYSTEM" ? zone : nullptr;
    }
    if (zone->rules_->zone == nullptr) {
        return nullptr;
    }
    return zone;
}

std::int64_t TimeZone::to_local(std::int64_t utc_micros) const {
    std::int64_t offset = offset_seconds_;
    if (rules_ != nullptr) {
        const date::sys_seconds at{seconds(floor_seconds(utc_micros))};
        if (at < rules_->last.begin || at >= rules_->last.end) {
            rules_->last = rules_->zone->get_info(at);
        }
        offset = rules_->last.offset.count();
    }
    std::int64_t local = utc_micros + offset * kMicrosPerSecond;
    if (local < kMinSeconds * kMicrosPerSecond) {
        local = kMinSeconds * kMicrosPerSecond;
    } else if (local > (kMaxSeconds + 1) * kMicrosPerSecond - 1) {
        local = (kMaxSeconds + 1) * kMicrosPerSecond - 1;
    }
    return storage::datetime_of_micros(local);
}

std::int64_t TimeZone::to_utc(std::int64_t packed_local) const {
    const std::int64_t local = storage::micros_of_datetime(packed_local);
    if (rules_ == nullptr) {
        return local - offset_seconds_ * kMicrosPerSecond;
    }
    const std::int64_t whole = floor_seconds(local);
    const date::local_info found = rules_->zone->get_info(date::local_seconds{seconds(whole)});
    if (found.result == date::local_info::nonexistent) {
        return found.second.begin.time_since_epoch().count() * kMicrosPerSecond;
    }
    return local - found.first.offset.count() * kMicrosPerSecond;
}

}  // namespace afterimage::sql
