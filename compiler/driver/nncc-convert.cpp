//===- nncc-convert.cpp - weights of Keras as safetensors ------------------===//
//
// `nncc convert` calls it: nncc-convert IN OUT. Exit status: 0 done, 1 an error in a file.
//
//===----------------------------------------------------------------------===//
#include "driver/Hdf5.h"
#include "nlohmann/json.hpp"
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>

using nncc::driver::Weight;

namespace {

using Json = nlohmann::ordered_json;

// Written beside its place and renamed, so that there is never half a file.
void writeSafetensors(const std::string &path, const std::vector<Weight> &weights) {
  Json header = Json::object();
  size_t end = 0;
  for (const Weight &weight : weights) {
    size_t begin = end;
    end += weight.values.size() * sizeof(float);
    header[weight.name] = {{"dtype", "F32"}, {"shape", weight.shape}, {"data_offsets", {begin, end}}};
  }
  std::string text = header.dump(-1, ' ', false, Json::error_handler_t::replace);
  text.resize((text.size() + 7) / 8 * 8, ' '); // the data start at a multiple of eight
  std::string aside = path + ".part";
  std::ofstream out(aside, std::ios::binary);
  for (int i = 0; i < 8; ++i) out.put(static_cast<char>(static_cast<uint64_t>(text.size()) >> (8 * i)));
  out << text;
  for (const Weight &weight : weights)
    out.write(reinterpret_cast<const char *>(weight.values.data()), weight.values.size() * sizeof(float));
  out.close();
  std::error_code code;
  if (out) std::filesystem::rename(aside, path, code);
  if (!out || code) {
    std::remove(aside.c_str());
    throw std::runtime_error("cannot write '" + path + "'; does its folder exist, and is there room?");
  }
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 3) {
    std::cerr << "usage: nncc convert IN OUT\n";
    return 2;
  }
  try {
    std::vector<Weight> weights = nncc::driver::readKerasWeights(argv[1]);
    writeSafetensors(argv[2], weights);
    std::cout << argv[2] << ": " << weights.size() << " weights\n";
    for (const Weight &weight : weights) std::cout << "  " << weight.name << " " << Json(weight.shape).dump() << "\n";
    return 0;
  } catch (const std::exception &error) {
    std::cerr << "nncc: error: " << error.what() << "\n";
    return 1;
  }
}
