// SPDX-License-Identifier: Apache-2.0
// Which transactions: MySQL's GTID sets and MariaDB's GTID positions, as text and as bytes.
//
// Plain value types. parse() and decode() throw GtidError with a text for people; nothing else
// throws. MySQL's set: per (uuid, tag) ascending, disjoint, non-touching intervals, numbers from 1
// to 2^63 - 1. MariaDB's position: one GTID per domain, the last one seen.
//
// Binary form of a MySQL set, little-endian: u64 number of uuids; per uuid: 16 bytes, u64
// intervals, per interval u64 first, u64 one past the last. With tags (8.3): the first u64 has byte
// 0 = 1, byte 7 = 1 and the number in bytes 1 to 6; after each uuid u8 tag length << 1, tag.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "replication/event/gtid.h"
#include "replication/event/mariadb_gtid.h"

namespace afterimage::replication {

class GtidError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

class MysqlGtidSet {
  public:
    struct Interval {
        std::uint64_t first = 0;
        std::uint64_t last = 0;  ///< included
        bool operator==(const Interval&) const = default;
    };
    struct Source {
        Uuid uuid{};
        std::string tag;
        auto operator<=>(const Source&) const = default;
    };

    /// "uuid:1-5:7, uuid:tag:1"; white space and empty items are allowed, intervals in any order.
    [[nodiscard]] static MysqlGtidSet parse(std::string_view text);
    [[nodiscard]] static MysqlGtidSet decode(storage::ByteView bytes);

    /// Lower case, sorted. MySQL prints gtid_executed with ",\n".
    [[nodiscard]] std::string text(std::string_view separator = ",") const;
    /// The classic form unless a tag is in the set.
    [[nodiscard]] storage::Bytes encode() const;

    [[nodiscard]] bool empty() const noexcept { return intervals_.empty(); }
    [[nodiscard]] std::uint64_t count() const noexcept;
    [[nodiscard]] bool contains(const MysqlGtid& gtid) const;
    [[nodiscard]] bool contains(const MysqlGtidSet& other) const;
    [[nodiscard]] bool has_tags() const noexcept;

    void add(const MysqlGtid& gtid) {
        add(Source{gtid.uuid, gtid.tag}, {gtid.number, gtid.number});
    }
    void add(const Source& source, Interval interval);
    void add(const MysqlGtidSet& other);
    void subtract(const MysqlGtidSet& other);

    [[nodiscard]] const std::map<Source, std::vector<Interval>>& intervals() const noexcept {
        return intervals_;
    }
    bool operator==(const MysqlGtidSet&) const = default;

  private:
    void subtract(const Source& source, Interval interval);
    std::map<Source, std::vector<Interval>> intervals_;  // no empty vectors
};

class MariadbGtidPosition {
  public:
    /// "0-1-42,1-2-7"; two GTIDs of one domain are an error.
    [[nodiscard]] static MariadbGtidPosition parse(std::string_view text);
    /// One "domain-server-sequence".
    [[nodiscard]] static MariadbGtid parse_gtid(std::string_view text);

    [[nodiscard]] std::string text() const;
    [[nodiscard]] bool empty() const noexcept { return by_domain_.empty(); }
    /// Null when nothing of this domain has been seen.
    [[nodiscard]] const MariadbGtid* find(std::uint32_t domain) const;
    /// The domain stands at this sequence number or behind it.
    [[nodiscard]] bool contains(const MariadbGtid& gtid) const;
    [[nodiscard]] bool contains(const MariadbGtidPosition& other) const;

    /// The domain now stands at `gtid`, also when the number is lower (out-of-order is legal
    /// there).
    void set(const MariadbGtid& gtid) { by_domain_[gtid.domain] = gtid; }
    /// The larger of both per domain.
    void add(const MariadbGtidPosition& other);
    /// Drops the domains in which `other` stands at the same place or further.
    void subtract(const MariadbGtidPosition& other);
    void erase(std::uint32_t domain) { by_domain_.erase(domain); }

    [[nodiscard]] const std::map<std::uint32_t, MariadbGtid>& domains() const noexcept {
        return by_domain_;
    }
    bool operator==(const MariadbGtidPosition&) const = default;

  private:
    std::map<std::uint32_t, MariadbGtid> by_domain_;
};

}  // namespace afterimage::replication
