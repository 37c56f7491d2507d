//===- TemporaryFolder.h - a folder that goes with everything in it --------===//
#ifndef NNCC_DRIVER_TEMPORARYFOLDER_H
#define NNCC_DRIVER_TEMPORARYFOLDER_H

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include <string>

namespace nncc::driver {

class TemporaryFolder {
public:
  TemporaryFolder() { ok = !llvm::sys::fs::createUniqueDirectory("nncc", path); }
  ~TemporaryFolder() {
    if (ok) llvm::sys::fs::remove_directories(path);
  }
  TemporaryFolder(const TemporaryFolder &) = delete;
  TemporaryFolder &operator=(const TemporaryFolder &) = delete;
  std::string file(llvm::StringRef name) const { return (path + "/" + name).str(); }
  bool ok;

private:
  llvm::SmallString<128> path;
};

} // namespace nncc::driver

#endif // NNCC_DRIVER_TEMPORARYFOLDER_H
