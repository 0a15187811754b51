// SPDX-License-Identifier: Apache-2.0
#include "tests/sqllogic/slt_script.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <stdexcept>

namespace afterimage::tests {

namespace {

constexpr std::string_view kEngineName = "mysql";

std::vector<std::string> words_of(std::string_view line) {
    std::vector<std::string> words;
    std::size_t at = 0;
    while ((at = line.find_first_not_of(" \t", at)) != std::string_view::npos) {
        std::size_t end = line.find_first_of(" \t", at);
        end = end == std::string_view::npos ? line.size() : end;
        if (line[at] == '#') {
            break;
        }
        words.emplace_back(line.substr(at, end - at));
        at = end;
    }
    return words;
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        if (!line.empty() && line.back() == '\r') {
            line.remove_suffix(1);
        }
        lines.push_back(line);
    }
    return lines;
}

class ScriptParser {
  public:
    explicit ScriptParser(std::string_view text) : lines_(lines_of(text)) {}

    std::vector<Record> parse() {
        bool skipped = false;
        while (at_ < lines_.size()) {
            const std::vector<std::string> words = words_of(lines_[at_]);
            if (words.empty()) {
                ++at_;
                continue;
            }
            Record record;
            record.line = at_ + 1;
            ++at_;
            if (words[0] == "skipif" || words[0] == "onlyif") {
                const bool is_ours = words.size() > 1 && words[1] == kEngineName;
                skipped = skipped || (words[0] == "skipif") == is_ours;
                continue;
            }
            record.skipped = skipped;
            skipped = false;
            read_record(record, words);
            records_.push_back(std::move(record));
        }
        return std::move(records_);
    }

  private:
    void read_record(Record& record, const std::vector<std::string>& words) {
        if (words[0] == "halt") {
            record.kind = RecordKind::kHalt;
        } else if (words[0] == "hash-threshold") {
            record.kind = RecordKind::kHashThreshold;
            record.threshold = std::strtoull(words.at(1).c_str(), nullptr, 10);
        } else if (words[0] == "statement") {
            record.expects_error = words.at(1) == "error";
            if (words.size() > 2) {
                record.error_number =
                    static_cast<unsigned>(std::strtoul(words[2].c_str(), nullptr, 10));
            }
            if (words.size() > 3) {
                const std::string_view line = lines_[record.line - 1];
                record.error_text = line.substr(line.find(words[2]) + words[2].size() + 1);
            }
            read_sql(record);
        } else if (words[0] == "query") {
            read_query(record, words);
        } else {
            throw std::runtime_error("line " + std::to_string(record.line) + ": unknown record " +
                                     words[0]);
        }
    }

    void read_sql(Record& record) {
        for (; at_ < lines_.size() && !lines_[at_].empty() && lines_[at_] != "----"; ++at_) {
            record.sql += record.sql.empty() ? "" : "\n";
            record.sql += lines_[at_];
        }
    }

    void read_query(Record& record, const std::vector<std::string>& words) {
        record.kind = RecordKind::kQuery;
        record.types = words.size() > 1 ? words[1] : "";
        if (words.size() > 2) {
            record.sort = words[2] == "rowsort"     ? SortMode::kRows
                          : words[2] == "valuesort" ? SortMode::kValues
                                                    : SortMode::kNone;
        }
        record.label = words.size() > 3 ? words[3] : "";
        read_sql(record);
        if (at_ < lines_.size() && lines_[at_] == "----") {
            ++at_;
            for (; at_ < lines_.size() && !lines_[at_].empty(); ++at_) {
                record.expected.emplace_back(lines_[at_]);
            }
        }
    }

    std::vector<std::string_view> lines_;
    std::size_t at_ = 0;
    std::vector<Record> records_;
};

}  // namespace

std::vector<Record> parse_script(std::string_view text) { return ScriptParser(text).parse(); }

std::string hash_of_values(const std::vector<std::string>& values) {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_DigestInit_ex(context, EVP_md5(), nullptr);
    for (const std::string& value : values) {
        EVP_DigestUpdate(context, value.data(), value.size());
        EVP_DigestUpdate(context, "\n", 1);
    }
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_DigestFinal_ex(context, digest, &size);
    EVP_MD_CTX_free(context);
    std::string text = std::to_string(values.size()) + " values hashing to ";
    constexpr char kHex[] = "0123456789abcdef";
    for (unsigned i = 0; i < size; ++i) {
        text.push_back(kHex[digest[i] >> 4U]);
        text.push_back(kHex[digest[i] & 15U]);
    }
    return text;
}

void sort_values(std::vector<std::string>& values, std::size_t width, SortMode mode) {
    if (mode == SortMode::kValues) {
        std::sort(values.begin(), values.end());
        return;
    }
    if (mode != SortMode::kRows || width == 0) {
        return;
    }
    std::vector<std::size_t> rows(values.size() / width);
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    std::stable_sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) {
        return std::lexicographical_compare(
            values.begin() + static_cast<std::ptrdiff_t>(a * width),
            values.begin() + static_cast<std::ptrdiff_t>((a + 1) * width),
            values.begin() + static_cast<std::ptrdiff_t>(b * width),
            values.begin() + static_cast<std::ptrdiff_t>((b + 1) * width));
    });
    std::vector<std::string> sorted;
    sorted.reserve(values.size());
    for (const std::size_t row : rows) {
        for (std::size_t i = 0; i < width; ++i) {
            sorted.push_back(std::move(values[row * width + i]));
        }
    }
    values = std::move(sorted);
}

}  // namespace afterimage::tests
