// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target over its seeds without libFuzzer: each file whole, cut short at every length,
// and with bytes flipped by a generator whose seed is fixed, so that every build and every machine
// replays the same inputs.
//
// Arguments are files and folders. Prints how many inputs were run; status 1 if there were none. A
// failing input ends the process (signal or exception); its file, and how it was changed, are
// printed before it runs when AFTERIMAGE_FUZZ_TRACE is set.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

// Long seeds are cut at a sample of lengths, so that replaying stays a matter of seconds.
constexpr std::size_t kMaxCutsPerSeed = 512;
constexpr int kFlipsPerSeed = 256;
constexpr unsigned kGeneratorSeed = 20260101;

std::vector<std::filesystem::path> seed_files(int argc, char** argv) {
    std::vector<std::filesystem::path> files;
    for (int index = 1; index < argc; ++index) {
        const std::filesystem::path path = argv[index];
        if (!std::filesystem::is_directory(path)) {
            files.push_back(path);
            continue;
        }
        for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
            if (entry.is_regular_file()) {
                files.push_back(entry.path());
            }
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

class Replay {
  public:
    void run_seed(const std::filesystem::path& path) {
        std::ifstream file(path, std::ios::binary);
        const std::string seed{std::istreambuf_iterator<char>(file), {}};
        run(seed, path, "whole");
        const std::size_t step = std::max<std::size_t>(1, seed.size() / kMaxCutsPerSeed);
        for (std::size_t length = 0; length < seed.size(); length += step) {
            run(seed.substr(0, length), path, "cut to " + std::to_string(length));
        }
        for (int round = 0; round < kFlipsPerSeed && !seed.empty(); ++round) {
            std::string changed = seed;
            const auto count = 1 + generator_() % 4;
            for (unsigned flip = 0; flip < count; ++flip) {
                changed[generator_() % changed.size()] = static_cast<char>(generator_() & 0xFF);
            }
            run(changed, path, "flips, round " + std::to_string(round));
        }
    }
    [[nodiscard]] std::uint64_t input_count() const { return input_count_; }

  private:
    void run(const std::string& input, const std::filesystem::path& path, const std::string& how) {
        if (trace_) {
            std::fprintf(stderr, "%s: %s\n", path.c_str(), how.c_str());
        }
        // A copy of exactly this size lets a sanitizer see a read behind the end.
        const std::vector<std::uint8_t> bytes(input.begin(), input.end());
        LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
        ++input_count_;
    }

    std::mt19937 generator_{kGeneratorSeed};
    bool trace_ = std::getenv("AFTERIMAGE_FUZZ_TRACE") != nullptr;
    std::uint64_t input_count_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    Replay replay;
    const auto files = seed_files(argc, argv);
    for (const auto& file : files) {
        replay.run_seed(file);
    }
    std::printf("%zu seeds, %llu inputs\n", files.size(),
                static_cast<unsigned long long>(replay.input_count()));
    return files.empty() ? 1 : 0;
}
