// SPDX-License-Identifier: Apache-2.0
// What the store throws when it cannot do its job: one kind per distinct reaction of the caller.
#pragma once

#include <stdexcept>
#include <string>

namespace afterimage::storage {

enum class StorageErrorKind {
    kIo,                 ///< the statement fails; a failed sync stops all writes
    kOutOfSpace,         ///< writes fail, reads go on
    kCorruption,         ///< writes stop; the text names file, offset and hash
    kUnsupportedFormat,  ///< opening refuses
};

/// Never carries an errno of MySQL's: sql/engine.cc alone turns it into one.
class StorageError : public std::runtime_error {
  public:
    StorageError(StorageErrorKind kind, const std::string& what)
        : std::runtime_error(what), kind_(kind) {}
    [[nodiscard]] StorageErrorKind kind() const noexcept { return kind_; }

  private:
    StorageErrorKind kind_;
};

}  // namespace afterimage::storage
