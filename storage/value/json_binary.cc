// SPDX-License-Identifier: Apache-2.0
// MySQL's binary JSON, read with suspicion: every offset is checked, nesting is bounded, and what
// is read in all may not exceed the document's size, so that overlapping offsets cannot blow it up.
#include <algorithm>
#include <bit>

#include "storage/bytes/byte_reader.h"
#include "storage/value/decimal.h"
#include "storage/value/json.h"
#include "storage/value/temporal.h"

namespace afterimage::storage {

namespace {

constexpr std::uint8_t kSmallObject = 0;
constexpr std::uint8_t kLargeObject = 1;
constexpr std::uint8_t kSmallArray = 2;
constexpr std::uint8_t kLargeArray = 3;
constexpr std::uint8_t kLiteral = 4;
constexpr std::uint8_t kInt16 = 5;
constexpr std::uint8_t kUInt16 = 6;
constexpr std::uint8_t kInt32 = 7;
constexpr std::uint8_t kUInt32 = 8;
constexpr std::uint8_t kInt64 = 9;
constexpr std::uint8_t kUInt64 = 10;
constexpr std::uint8_t kDouble = 11;
constexpr std::uint8_t kString = 12;
constexpr std::uint8_t kOpaque = 15;

// Column types of opaque values, as in the binlog.
constexpr std::uint8_t kTypeTimestamp = 7;
constexpr std::uint8_t kTypeDate = 10;
constexpr std::uint8_t kTypeTime = 11;
constexpr std::uint8_t kTypeDateTime = 12;
constexpr std::uint8_t kTypeNewDecimal = 246;

[[noreturn]] void fail(const char* why) {
    throw InvalidJson(std::string("binary JSON: ") + why, 0);
}

bool inlined(std::uint8_t type, bool large) {
    return type == kLiteral || type == kInt16 || type == kUInt16 ||
           (large && (type == kInt32 || type == kUInt32));
}

/// DECIMAL in its binary form: groups of nine digits in four bytes, odd digits in fewer, the first
/// bit flipped, all bits of a negative number too.
Bytes decimal_text(ByteView bytes) {
    constexpr unsigned kGroupDigits = 9;
    constexpr unsigned kBytesOfDigits[] = {0, 1, 1, 2, 2, 3, 3, 4, 4, 4};
    if (bytes.size() < 3) {
        fail("a DECIMAL is cut");
    }
    const unsigned precision = static_cast<unsigned char>(bytes[0]);
    const unsigned scale = static_cast<unsigned char>(bytes[1]);
    if (precision > Decimal::kMaxPrecision || scale > Decimal::kMaxScale || scale > precision) {
        fail("a DECIMAL has no such precision");
    }
    Bytes raw(bytes.substr(2));
    const bool negative = (static_cast<unsigned char>(raw[0]) & 0x80U) == 0;
    raw[0] = static_cast<char>(static_cast<unsigned char>(raw[0]) ^ 0x80U);
    if (negative) {
        for (char& c : raw) {
            c = static_cast<char>(~static_cast<unsigned char>(c));
        }
    }
    ByteReader in(raw);
    Bytes text = negative ? "-" : "";
    const auto group = [&](unsigned digits) {
        const unsigned size = kBytesOfDigits[digits];
        const std::string number = std::to_string(size == 0 ? 0 : in.be(size));
        if (number.size() > digits && digits > 0) {
            fail("a DECIMAL has a group of too many digits");
        }
        text.append(digits - std::min<std::size_t>(digits, number.size()), '0');
        text += digits == 0 ? "" : number;
    };
    const unsigned whole = precision - scale;
    group(whole % kGroupDigits);
    for (unsigned i = whole / kGroupDigits; i > 0; --i) {
        group(kGroupDigits);
    }
    text += '.';
    for (unsigned i = scale / kGroupDigits; i > 0; --i) {
        group(kGroupDigits);
    }
    group(scale % kGroupDigits);
    if (whole == 0) {
        text.insert(negative ? 1 : 0, "0");
    }
    return Decimal::parse(text).value_or(Decimal{}).text();
}

/// As the servers encode it: a line break after each 76 characters.
Bytes base64(ByteView bytes) {
    constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    constexpr std::size_t kLine = 76;
    Bytes out;
    std::size_t on_line = 0;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        if (on_line == kLine) {
            out += '\n';
            on_line = 0;
        }
        std::uint32_t group = 0;
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        for (std::size_t k = 0; k < 3; ++k) {
            group = group << 8U | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        }
        for (std::size_t k = 0; k < 4; ++k) {
            out += k <= count ? kAlphabet[group >> (18 - 6 * k) & 63U] : '=';
        }
        on_line += 4;
    }
    return out;
}

class BinaryReader {
  public:
    explicit BinaryReader(ByteView document) : budget_(document.size()) {}

    Bytes run(ByteView document) {
        ByteReader in(document);
        const std::uint8_t type = in.u8();
        value(type, in.rest(), 0);
        return std::move(out_);
    }

  private:
    void spend(std::size_t bytes) {
        if (bytes > budget_) {
            fail("values overlap");
        }
        budget_ -= bytes;
    }

    /// `bytes` begins with the value and may go on behind it.
    void value(std::uint8_t type, ByteView bytes, unsigned depth) {
        ByteReader in(bytes);
        switch (type) {
            case kSmallObject:
            case kLargeObject:
            case kSmallArray:
            case kLargeArray:
                container(type, bytes, depth + 1);
                return;
            case kLiteral:
                literal(in.u8());
                return;
            case kInt16:
                out_ += std::to_string(static_cast<std::int16_t>(in.u16()));
                return;
            case kUInt16:
                out_ += std::to_string(in.u16());
                return;
            case kInt32:
                out_ += std::to_string(static_cast<std::int32_t>(in.u32()));
                return;
            case kUInt32:
                out_ += std::to_string(in.u32());
                return;
            case kInt64:
                out_ += std::to_string(static_cast<std::int64_t>(in.u64()));
                return;
            case kUInt64:
                out_ += std::to_string(in.u64());
                return;
            case kDouble:
                append_json_double(out_, std::bit_cast<double>(in.u64()));
                return;
            case kString:
                append_json_string(out_, sized(in));
                return;
            case kOpaque: {
                const std::uint8_t column_type = in.u8();
                opaque(column_type, sized(in));
                return;
            }
            default:
                fail("unknown type of value");
        }
    }

    ByteView sized(ByteReader& in) {
        const ByteView bytes = in.varint_bytes();
        spend(bytes.size());
        return bytes;
    }

    void literal(std::uint8_t which) {
        constexpr ByteView kWords[] = {"null", "true", "false"};
        if (which >= std::size(kWords)) {
            fail("unknown literal");
        }
        out_ += kWords[which];
    }

    void opaque(std::uint8_t type, ByteView bytes) {
        if (type == kTypeNewDecimal) {
            out_ += decimal_text(bytes);
            return;
        }
        if (type == kTypeDate || type == kTypeTime || type == kTypeDateTime ||
            type == kTypeTimestamp) {
            if (bytes.size() != 8) {
                fail("a temporal value has not 8 bytes");
            }
            const auto packed = load_le<std::int64_t>(bytes.data());
            out_ += '"';
            out_ += type == kTypeDate   ? date_text(packed)
                    : type == kTypeTime ? time_text(packed, 6)
                                        : datetime_text(packed, 6);
            out_ += '"';
            return;
        }
        append_json_string(out_, "base64:type" + std::to_string(type) + ":" + base64(bytes));
    }

    void container(std::uint8_t type, ByteView bytes, unsigned depth) {
        if (depth > kMaxJsonDepth) {
            throw InvalidJson("binary JSON: nested too deep", 0, true);
        }
        const bool large = type == kLargeObject || type == kLargeArray;
        const bool object = type == kSmallObject || type == kLargeObject;
        const unsigned size = large ? 4 : 2;
        ByteReader in(bytes);
        const std::uint64_t count = in.le(size);
        const std::uint64_t total = in.le(size);
        if (total > bytes.size() || total < 2 * size) {
            fail("a container is larger than what holds it");
        }
        bytes = bytes.substr(0, total);
        const std::uint64_t key_entry = object ? size + 2 : 0;
        const std::uint64_t value_entry = 1 + size;
        const std::uint64_t header = 2 * size + count * (key_entry + value_entry);
        if (count > bytes.size() || header > bytes.size()) {
            fail("a container has more members than bytes");
        }
        spend(header);
        out_ += object ? '{' : '[';
        ByteView previous_key;
        for (std::uint64_t i = 0; i < count; ++i) {
            out_ += i > 0 ? ", " : "";
            if (object) {
                const ByteView key = key_at(bytes, 2 * size + i * key_entry, size);
                if (i > 0 && (key.size() < previous_key.size() ||
                              (key.size() == previous_key.size() && key <= previous_key))) {
                    fail("keys are not in order");
                }
                previous_key = key;
                append_json_string(out_, key);
                out_ += ": ";
            }
            member(bytes, 2 * size + count * key_entry + i * value_entry, large, depth);
        }
        out_ += object ? '}' : ']';
    }

    ByteView key_at(ByteView container_bytes, std::uint64_t at, unsigned size) {
        ByteReader in(container_bytes);
        in.skip(at);
        const std::uint64_t offset = in.le(size);
        const std::uint16_t length = in.u16();
        ByteReader key(container_bytes);
        key.skip(offset);
        spend(length);
        return key.bytes(length);
    }

    void member(ByteView container_bytes, std::uint64_t at, bool large, unsigned depth) {
        ByteReader in(container_bytes);
        in.skip(at);
        const std::uint8_t type = in.u8();
        if (inlined(type, large)) {
            value(type, in.rest(), depth);
            return;
        }
        const std::uint64_t offset = in.le(large ? 4 : 2);
        ByteReader target(container_bytes);
        target.skip(offset);
        value(type, target.rest(), depth);
    }

    std::size_t budget_;
    Bytes out_;
};

}  // namespace

Bytes json_text_of_binary(ByteView binary) {
    if (binary.empty()) {
        return "null";
    }
    try {
        return BinaryReader(binary).run(binary);
    } catch (const TruncatedInput& error) {
        fail(error.what());
    }
}

}  // namespace afterimage::storage
