// A folder for one test's files, removed with all it holds.
#ifndef NNCC_TESTS_TEMPORARYFOLDER_H
#define NNCC_TESTS_TEMPORARYFOLDER_H

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "nncc-test-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("can't make " + name);
    path = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  TemporaryFolder(const TemporaryFolder &) = delete;
  TemporaryFolder &operator=(const TemporaryFolder &) = delete;

  std::filesystem::path operator/(const std::string &name) const { return path / name; }

  // Makes the folders above it too.
  std::filesystem::path write(const std::string &name, const std::string &bytes) const {
    std::filesystem::create_directories((path / name).parent_path());
    std::ofstream(path / name, std::ios::binary) << bytes;
    return path / name;
  }
  static std::string read(const std::filesystem::path &file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  std::filesystem::path path;
};

#endif  // NNCC_TESTS_TEMPORARYFOLDER_H
