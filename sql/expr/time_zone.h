// SPDX-License-Identifier: Apache-2.0
// Time zones: fixed offsets by arithmetic, names by the system's tzdb (howardhinnant date).
//
// Immutable but for a cache of the last transition; use one object per thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace afterimage::sql {

class TimeZone {
  public:
    /// "SYSTEM", "+02:00" … "+14:00", "-13:59", or a name as in mysql.time_zone_name. Null when it
    /// is none of these (1298 is the caller's).
    [[nodiscard]] static std::shared_ptr<const TimeZone> find(std::string_view name);
    ~TimeZone();

    /// UTC microseconds → packed local datetime. Before year 0 or after 9999 it is clamped.
    [[nodiscard]] std::int64_t to_local(std::int64_t utc_micros) const;
    /// Packed local datetime → UTC microseconds. In a gap: the first instant after it; in an
    /// overlap: the earlier one, as MySQL does.
    [[nodiscard]] std::int64_t to_utc(std::int64_t packed_local) const;
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

  private:
    TimeZone();
    struct Rules;
    std::string name_;
    std::int64_t offset_seconds_ = 0;
    std::unique_ptr<Rules> rules_;  ///< null for a fixed offset
};

}  // namespace afterimage::sql
