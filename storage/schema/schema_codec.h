// SPDX-License-Identifier: Apache-2.0
// A table's schema as bytes: once whole, as the store keeps it, and once canonical, as content
// hashes see it.
//
// Pure functions, thread-safe. decode_schema takes untrusted bytes: it checks every reference, so
// that a decoded schema never trips an invariant later.
//
// Layout of the stored form, version 1 ([schema] in docs/storage-format.md). "text" is a varint
// length and as many bytes; "optional" is u8 0, or 1 and the thing; a list is a varint count and
// its members.
//   format version u8 = 1, table_id varint, version varint, name text, next_column_id varint
//   columns  list of { id varint, name text, type, flags u8 (1 nullable, 2 auto_increment,
//            4 invisible, 8 generated stored), default optional text, on update optional text,
//            generated optional text, comment text, missing value (storage/value/value_codec.h) }
//   type     id u8, flags u8 (1 unsigned, 2 zerofill), length varint, scale u8, collation varint,
//            labels list of text
//   primary  optional index
//   indexes  list of { name text, kind u8, flags u8 (1 unique, 2 invisible), parts list of
//            { column varint, prefix varint, descending u8, expression text }, comment text,
//            algorithm text, collation version varint }
//   foreign keys list of { name text, columns list of varint, parent database text, parent table
//            text, parent columns list of text, on delete u8, on update u8 }
//   checks   list of { name text, expression text, enforced u8, column varint }
//   collation varint, engine text, comment text, row format text, options list of { name text,
//            value text }, partition text, mariadb flavour u8
#pragma once

#include "storage/bytes/byte_view.h"
#include "storage/schema/table_schema.h"

namespace afterimage::storage {

[[nodiscard]] Bytes encode_schema(const TableSchema& schema);

/// Throws StorageError: kUnsupportedFormat for a newer format version, kCorruption for everything
/// that encode_schema did not write.
[[nodiscard]] TableSchema decode_schema(ByteView bytes);

/// What two stores with equal tables agree on, however each was loaded: no ids, schema version,
/// AUTO_INCREMENT counter, display widths, recorded missing values, collation versions or flavour.
/// The table's own name is left out too: content hashes put it beside. Indexes, foreign keys,
/// checks and options are in the order of their names; a name that was not given is the one that
/// the source would choose (first column's, `<table>_ibfk_<n>`, `<table>_chk_<n>` or MariaDB's
/// `CONSTRAINT_<n>`). Never decoded.
[[nodiscard]] Bytes canonical_schema(const TableSchema& schema);

}  // namespace afterimage::storage
