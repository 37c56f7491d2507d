#include "Safetensors.h"

#include <fstream>
#include <iterator>

#include "Library.h"

namespace onednn {

Safetensors::Safetensors(const std::string &path) : path(path) {
  std::ifstream file(path, std::ios::binary);
  uint64_t length = 0;
  file.read(reinterpret_cast<char *>(&length), sizeof length);
  std::string text(file ? length : 0, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  header = nlohmann::json::parse(text, nullptr, false);
  if (header.is_discarded())
    throw Unsupported(path + " is no safetensors file");
  bytes.assign(std::istreambuf_iterator<char>(file), {});
}

Safetensors::Tensor Safetensors::find(const std::string &name) const {
  if (!header.contains(name))
    throw Unsupported(path + " has no '" + name + "'");
  std::vector<size_t> range = header[name]["data_offsets"];
  if (range[0] > range[1] || range[1] > bytes.size())
    throw Unsupported(path + " ends before '" + name + "' does");
  return {header[name]["dtype"], {bytes.begin() + range[0], bytes.begin() + range[1]}};
}

}  // namespace onednn
