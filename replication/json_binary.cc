// SPDX-License-Identifier: Apache-2.0
#include "replication/json_binary.h"

#include <charconv>
#include <cmath>
#include <cstring>

#include "replication/binary_decimal.h"
#include "replication/event/table_map.h"
#include "storage/value/temporal.h"

namespace afterimage::replication {
namespace {

using storage::ByteReader;
using storage::ByteView;
using storage::TruncatedInput;

constexpr unsigned kMaxDepth = 100;
// A well-formed document prints to a few times its size (\u00xx triples a byte six times, small
// numbers grow from 3 to 20 bytes); shared offsets could make it exponential.
constexpr std::size_t kMaxGrowth = 64;

enum JsonType : std::uint8_t {
    kSmallObject = 0,
    kLargeObject = 1,
    kSmallArray = 2,
    kLargeArray = 3,
    kLiteral = 4,
    kInt16 = 5,
    kUInt16 = 6,
    kInt32 = 7,
    kUInt32 = 8,
    kInt64 = 9,
    kUInt64 = 0xa,
    kDouble = 0xb,
    kString = 0xc,
    kOpaque = 0xf,
};

std::uint64_t read_length(ByteReader& reader) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
        const std::uint8_t byte = reader.u8();
        value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
        if ((byte & 0x80U) == 0) {
            return value;
        }
    }
    throw TruncatedInput("JSON: length of more than five bytes");
}

void append_quoted(std::string& out, ByteView text) {
    static constexpr char kDigits[] = "0123456789abcdef";
    out.push_back('"');
    for (const char c : text) {
        switch (c) {
            case '"':
                out.append("\\\"");
                break;
            case '\\':
                out.append("\\\\");
                break;
            case '\b':
                out.append("\\b");
                break;
            case '\f':
                out.append("\\f");
                break;
            case '\n':
                out.append("\\n");
                break;
            case '\r':
                out.append("\\r");
                break;
            case '\t':
                out.append("\\t");
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20) {
                    out.append("\\u00");
                    out.push_back(kDigits[static_cast<unsigned char>(c) >> 4U]);
                    out.push_back(kDigits[static_cast<unsigned char>(c) & 15U]);
                } else {
                    out.push_back(c);
                }
        }
    }
    out.push_back('"');
}

// As MySQL prints a DOUBLE: shortest digits that read back, exponent form from 1e15 on and below
// 1e-15; in JSON a whole number keeps ".0".
void append_double(std::string& out, double value) {
    if (!std::isfinite(value)) {
        throw TruncatedInput("JSON: number is not finite");
    }
    char buffer[32];
    const auto written =
        std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
    std::string_view text(buffer, static_cast<std::size_t>(written.ptr - buffer));
    if (text.front() == '-') {
        out.push_back('-');
        text.remove_prefix(1);
    }
    const std::size_t e = text.find('e');
    int exponent = 0;
    const char* digits_of_exponent = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
    std::from_chars(digits_of_exponent, text.data() + text.size(), exponent);
    std::string digits;
    for (const char c : text.substr(0, e)) {
        if (c != '.') {
            digits.push_back(c);
        }
    }
    if (exponent < -15 || exponent >= 15) {
        out.push_back(digits[0]);
        if (digits.size() > 1) {
            out.append(".").append(digits, 1);
        }
        out.append("e").append(std::to_string(exponent));
        return;
    }
    if (exponent < 0) {
        out.append("0.").append(static_cast<std::size_t>(-exponent - 1), '0').append(digits);
        return;
    }
    const auto whole = static_cast<std::size_t>(exponent) + 1;
    if (digits.size() <= whole) {
        out.append(digits).append(whole - digits.size(), '0').append(".0");
    } else {
        out.append(digits, 0, whole).append(".").append(digits, whole);
    }
}

void append_base64(std::string& out, ByteView bytes) {
    static constexpr char kAlphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t taken = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            group = group << 8U | (j < taken ? static_cast<unsigned char>(bytes[i + j]) : 0U);
        }
        for (std::size_t j = 0; j < 4; ++j) {
            out.push_back(j <= taken ? kAlphabet[group >> (18 - 6 * j) & 63U] : '=');
        }
    }
}

class Printer {
  public:
    explicit Printer(ByteView document) : limit_(1024 + document.size() * kMaxGrowth) {}

    void value(std::uint8_t type, ByteView bytes, unsigned depth) {
        if (depth > kMaxDepth) {
            throw TruncatedInput("JSON: deeper than 100 levels");
        }
        if (out_.size() > limit_) {
            throw TruncatedInput("JSON: values stored over one another");
        }
        ByteReader reader(bytes);
        switch (type) {
            case kSmallObject:
                return container(bytes, true, 2, depth);
            case kLargeObject:
                return container(bytes, true, 4, depth);
            case kSmallArray:
                return container(bytes, false, 2, depth);
            case kLargeArray:
                return container(bytes, false, 4, depth);
            case kLiteral:
                return literal(reader.u8());
            case kInt16:
                return number(static_cast<std::int16_t>(reader.u16()));
            case kUInt16:
                return number(reader.u16());
            case kInt32:
                return number(static_cast<std::int32_t>(reader.u32()));
            case kUInt32:
                return number(reader.u32());
            case kInt64:
                return number(static_cast<std::int64_t>(reader.u64()));
            case kUInt64:
                return number(reader.u64());
            case kDouble: {
                const std::uint64_t bits = reader.u64();
                double real;
                std::memcpy(&real, &bits, sizeof real);
                return append_double(out_, real);
            }
            case kString:
                return append_quoted(out_, reader.bytes(read_length(reader)));
            case kOpaque:
                return opaque(reader);
            default:
                throw TruncatedInput("JSON: unknown type " + std::to_string(type));
        }
    }
    [[nodiscard]] std::string take() { return std::move(out_); }

  private:
    template <typename Number>
    void number(Number value) {
        out_.append(std::to_string(value));
    }

    void literal(std::uint8_t which) {
        if (which > 2) {
            throw TruncatedInput("JSON: unknown literal " + std::to_string(which));
        }
        out_.append(which == 0 ? "null" : which == 1 ? "true" : "false");
    }

    // `width` is that of counts, sizes and offsets: 2 small, 4 large.
    void container(ByteView bytes, bool object, unsigned width, unsigned depth) {
        ByteReader reader(bytes);
        const std::uint64_t count = reader.le(width);
        const std::uint64_t size = reader.le(width);
        if (size > bytes.size() || size < 2U * width) {
            throw TruncatedInput("JSON: container larger than its document");
        }
        const ByteView self = bytes.substr(0, size);
        ByteReader keys(self);
        keys.skip(2U * width);
        ByteReader values(self);
        values.skip(2U * width);
        const std::uint64_t key_entry = width + 2U;
        values.skip(object ? count * key_entry : 0);
        if (count > values.left() / (1U + width)) {
            throw TruncatedInput("JSON: more members than bytes");
        }
        out_.push_back(object ? '{' : '[');
        for (std::uint64_t i = 0; i < count; ++i) {
            out_.append(i == 0 ? "" : ", ");
            if (object) {
                const std::uint64_t at = keys.le(width);
                append_quoted(out_, slice(self, at, keys.u16()));
                out_.append(": ");
            }
            member(self, values, width, depth);
        }
        out_.push_back(object ? '}' : ']');
    }

    void member(ByteView self, ByteReader& values, unsigned width, unsigned depth) {
        const std::uint8_t type = values.u8();
        const ByteView field = values.bytes(width);
        const bool inlined = type == kLiteral || type == kInt16 || type == kUInt16 ||
                             (width == 4 && (type == kInt32 || type == kUInt32));
        if (inlined) {
            return value(type, field, depth + 1);
        }
        const std::uint64_t at = ByteReader(field).le(width);
        if (at >= self.size()) {
            throw TruncatedInput("JSON: value outside its container");
        }
        value(type, self.substr(at), depth + 1);
    }

    static ByteView slice(ByteView self, std::uint64_t at, std::uint64_t size) {
        if (at > self.size() || size > self.size() - at) {
            throw TruncatedInput("JSON: key outside its container");
        }
        return self.substr(at, size);
    }

    void opaque(ByteReader& reader) {
        const auto type = static_cast<WireType>(reader.u8());
        const ByteView data = reader.bytes(read_length(reader));
        ByteReader inner(data);
        switch (type) {
            case WireType::kNewDecimal: {
                const std::uint8_t precision = inner.u8();
                const std::uint8_t scale = inner.u8();
                out_.append(decode_binary_decimal(inner, precision, scale).text());
                return;
            }
            case WireType::kDate:
                return temporal(storage::date_text(static_cast<std::int64_t>(inner.u64())));
            case WireType::kOldTime:
                return temporal(storage::time_text(static_cast<std::int64_t>(inner.u64()), 6));
            case WireType::kOldTimestamp:
            case WireType::kOldDateTime:
                return temporal(storage::datetime_text(static_cast<std::int64_t>(inner.u64()), 6));
            default:
                out_.append("\"base64:type" + std::to_string(static_cast<unsigned>(type)) + ":");
                append_base64(out_, data);
                out_.push_back('"');
        }
    }

    void temporal(const std::string& text) { out_.append("\"").append(text).append("\""); }

    std::string out_;
    std::size_t limit_;
};

}  // namespace

std::string json_text(ByteView binary) {
    if (binary.empty()) {
        return "null";
    }
    Printer printer(binary);
    printer.value(static_cast<std::uint8_t>(binary[0]), binary.substr(1), 1);
    return printer.take();
}

std::vector<JsonDiff> decode_json_diffs(ByteView bytes) {
    std::vector<JsonDiff> diffs;
    ByteReader reader(bytes);
    while (!reader.at_end()) {
        JsonDiff diff;
        const std::uint8_t operation = reader.u8();
        if (operation > 2) {
            throw TruncatedInput("JSON: unknown partial update " + std::to_string(operation));
        }
        diff.operation = static_cast<JsonDiff::Operation>(operation);
        diff.path = std::string(reader.lenenc_bytes());
        if (diff.operation != JsonDiff::Operation::kRemove) {
            diff.value_text = json_text(reader.lenenc_bytes());
        }
        diffs.push_back(std::move(diff));
    }
    return diffs;
}

}  // namespace afterimage::replication
