//===- Hdf5.cpp - the weights in a Keras file ------------------------------===//
#include "driver/Hdf5.h"
#include <algorithm>
#include <fstream>
#include <hdf5.h>
#include <map>
#include <optional>
#include <stdexcept>

namespace nncc::driver {

namespace {

// A handle of the library, closed by its own function.
class Handle {
public:
  Handle(hid_t id, herr_t (*close)(hid_t)) : id(id), close(close) {}
  ~Handle() {
    if (id >= 0) close(id);
  }
  Handle(const Handle &) = delete;
  Handle &operator=(const Handle &) = delete;
  operator hid_t() const { return id; }
  bool good() const { return id >= 0; }

private:
  hid_t id;
  herr_t (*close)(hid_t);
};

struct Dataset {
  std::vector<std::string> path; // of groups, and its own name
  std::string layer;             // what an attribute of its group calls the layer; "" without
  std::vector<int64_t> shape;
  std::vector<float> values;
};

[[noreturn]] void fail(const std::string &path, const std::string &what) {
  throw std::runtime_error("'" + path + "' " + what);
}

std::vector<std::string> split(const std::string &text) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= text.size();) {
    size_t end = std::min(text.find('/', begin), text.size());
    if (end > begin) parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::vector<char> readFile(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(path, "cannot be opened; is the name right?");
  std::vector<char> bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (file.bad()) fail(path, "cannot be read");
  return bytes;
}

//===--- .keras -----------------------------------------------------------------===//

uint32_t number(const std::vector<char> &bytes, size_t at, int count) {
  uint32_t value = 0;
  for (int i = count - 1; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

// The member `name` of a ZIP archive: Keras stores them without compression.
std::vector<char> unzipped(const std::string &path, const std::vector<char> &zip, const std::string &name) {
  constexpr size_t endBytes = 22, entryBytes = 46, localBytes = 30;
  auto broken = [&] { fail(path, "is no intact ZIP archive; is it a whole .keras file?"); };
  // The directory's end is the last record, perhaps with a comment behind.
  size_t end = zip.size() < endBytes ? std::string::npos : zip.size() - endBytes;
  while (end != std::string::npos && number(zip, end, 4) != 0x06054b50) end = end ? end - 1 : std::string::npos;
  if (end == std::string::npos) broken();
  size_t at = number(zip, end + 16, 4);
  for (uint32_t count = number(zip, end + 10, 2); count > 0; --count) {
    if (at + entryBytes > zip.size() || number(zip, at, 4) != 0x02014b50) broken();
    size_t nameBytes = number(zip, at + 28, 2), rest = number(zip, at + 30, 2) + number(zip, at + 32, 2);
    if (at + entryBytes + nameBytes > zip.size()) broken();
    if (std::string(&zip[at + entryBytes], nameBytes) == name) {
      size_t bytes = number(zip, at + 20, 4), local = number(zip, at + 42, 4);
      if (number(zip, at + 10, 2) != 0)
        fail(path, "holds '" + name + "' compressed, which Keras does not do; unpack it with unzip and convert that");
      if (local + localBytes > zip.size()) broken();
      size_t begin = local + localBytes + number(zip, local + 26, 2) + number(zip, local + 28, 2);
      if (begin > zip.size() || bytes > zip.size() - begin) broken();
      return {zip.begin() + begin, zip.begin() + begin + bytes};
    }
    at += entryBytes + nameBytes + rest;
  }
  fail(path, "is an archive without '" + name + "'; expected a .keras file of Keras 3");
}

//===--- HDF5 -------------------------------------------------------------------===//

// The text of an attribute, "" if there is none.
std::string textAttribute(hid_t object, const char *name) {
  if (H5Aexists(object, name) <= 0) return "";
  Handle attribute(H5Aopen(object, name, H5P_DEFAULT), H5Aclose), type(H5Aget_type(attribute), H5Tclose);
  Handle space(H5Aget_space(attribute), H5Sclose);
  if (H5Tget_class(type) != H5T_STRING || H5Sget_simple_extent_npoints(space) != 1) return "";
  if (H5Tis_variable_str(type) > 0) {
    char *text = nullptr;
    if (H5Aread(attribute, type, &text) < 0 || !text) return "";
    std::string copy = text;
    H5free_memory(text);
    return copy;
  }
  std::string text(H5Tget_size(type), '\0');
  if (H5Aread(attribute, type, text.data()) < 0) return "";
  return text.substr(0, text.find('\0'));
}

struct Walk {
  const std::string &file;
  std::vector<Dataset> datasets;
  std::string failure; // exceptions do not pass through a C library
};

std::string addDataset(hid_t root, const char *name, Walk &walk) {
  Handle dataset(H5Dopen2(root, name, H5P_DEFAULT), H5Dclose);
  Handle type(dataset.good() ? H5Dget_type(dataset) : -1, H5Tclose);
  Handle space(dataset.good() ? H5Dget_space(dataset) : -1, H5Sclose);
  if (!type.good() || !space.good()) return "holds '" + std::string(name) + "', which cannot be read: is it damaged?";
  if (H5Tget_class(type) != H5T_FLOAT) return ""; // a counter, a text
  Dataset found;
  found.path = split(name);
  int rank = H5Sget_simple_extent_ndims(space);
  std::vector<hsize_t> sizes(std::max(rank, 0));
  if (rank > 0) H5Sget_simple_extent_dims(space, sizes.data(), nullptr);
  found.shape.assign(sizes.begin(), sizes.end());
  hssize_t count = H5Sget_simple_extent_npoints(space);
  if (count < 0 || count > (hssize_t(1) << 31)) return "holds '" + std::string(name) + "' of an unlikely size";
  found.values.resize(count);
  if (count > 0 && H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, found.values.data()) < 0)
    return "holds '" + std::string(name) + "', whose values cannot be read: is it damaged?";
  std::string group = std::string(name).substr(0, std::string(name).rfind('/'));
  if (group != name) {
    Handle parent(H5Gopen2(root, group.c_str(), H5P_DEFAULT), H5Gclose);
    if (parent.good()) found.layer = textAttribute(parent, "name");
  }
  walk.datasets.push_back(std::move(found));
  return "";
}

herr_t visit(hid_t root, const char *name, const H5O_info_t *info, void *data) {
  Walk &walk = *static_cast<Walk *>(data);
  if (info->type != H5O_TYPE_DATASET) return 0;
  walk.failure = addDataset(root, name, walk);
  return walk.failure.empty() ? 0 : 1;
}

std::vector<Dataset> readDatasets(const std::string &path, std::vector<char> bytes) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); // it would print its stack at the user
  Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  Handle file(bytes.empty() || H5Pset_fapl_core(access, 1 << 16, false) < 0 ||
                      H5Pset_file_image(access, bytes.data(), bytes.size()) < 0
                  ? -1
                  : H5Fopen("weights", H5F_ACC_RDONLY, access),
              H5Fclose);
  if (!file.good()) fail(path, "is no HDF5 file, or not all of it; expected a .weights.h5, .h5 or .keras file of Keras");
  Walk walk{path, {}, ""};
  if (H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_NATIVE, visit, &walk, H5O_INFO_BASIC) < 0 && walk.failure.empty())
    walk.failure = "cannot be read to its end: is it damaged?";
  if (!walk.failure.empty()) fail(path, walk.failure);
  return std::move(walk.datasets);
}

//===--- names ------------------------------------------------------------------===//

// Keras 3 numbers a layer's variables in the order in which the layer makes them.
std::optional<std::string> numberedWeight(const std::string &kind, size_t index, size_t count) {
  auto pick = [&](std::vector<std::string> names) {
    return index < names.size() ? std::optional(names[index]) : std::nullopt;
  };
  auto is = [&](const char *word) { return kind.rfind(word, 0) == 0; };
  if (is("batch_normalization"))
    return count == 4   ? pick({"gamma", "beta", "moving_mean", "moving_variance"})
           : count == 2 ? pick({"moving_mean", "moving_variance"})
                        : std::nullopt; // scale or offset alone: cannot be told
  if (is("layer_normalization") || is("group_normalization"))
    return count == 2 ? pick({"gamma", "beta"}) : std::nullopt;
  if (is("embedding")) return pick({"embeddings"});
  if (is("normalization")) return pick({"mean", "variance", "count"});
  if (is("lstm") || is("gru") || is("simple_rnn") || is("rnn")) return pick({"kernel", "recurrent_kernel", "bias"});
  return pick({"kernel", "bias"});
}

class Names {
public:
  explicit Names(const std::string &file, const std::vector<Dataset> &datasets) : file(file) {
    for (const Dataset &dataset : datasets)
      if (isNumbered(dataset)) ++counts[groupOf(dataset)];
  }

  // "conv2d.kernel"; nothing for what is no weight of a layer.
  std::optional<std::string> of(const Dataset &dataset) {
    const std::vector<std::string> &path = dataset.path;
    if (path.empty() || path[0] == "optimizer" || path[0] == "optimizer_weights" || path[0] == "vars") return std::nullopt;
    return isNumbered(dataset) ? numbered(dataset) : legacy(path);
  }

private:
  // .../LAYER/vars/0, and for recurrent layers .../LAYER/cell/vars/0.
  static bool isNumbered(const Dataset &dataset) {
    const auto &path = dataset.path;
    auto digit = [](char c) { return c >= '0' && c <= '9'; };
    return path.size() >= 3 && path[path.size() - 2] == "vars" && std::all_of(path.back().begin(), path.back().end(), digit);
  }
  static std::string groupOf(const Dataset &dataset) {
    std::string group;
    for (size_t i = 0; i + 1 < dataset.path.size(); ++i) group += dataset.path[i] + "/";
    return group;
  }

  std::string numbered(const Dataset &dataset) {
    const auto &path = dataset.path;
    size_t at = path.size() - 3;
    bool cell = path[at] == "cell" && at > 0;
    if (cell) --at;
    // The group is called after the layer's kind; newer files have the layer's own name beside.
    std::string layer = dataset.layer.empty() || cell ? path[at] : dataset.layer;
    size_t count = counts[groupOf(dataset)];
    auto weight = path.back().size() > 9 ? std::nullopt : numberedWeight(path[at], std::stoul(path.back()), count);
    if (!weight)
      fail(file, "holds variable " + path.back() + " of " + std::to_string(count) + " of layer '" + layer +
                     "', whose meaning its number does not tell; save the model with model.save('NAME.h5')");
    return layer + "." + *weight;
  }

  // [model_weights/]LAYER/.../kernel:0
  static std::optional<std::string> legacy(const std::vector<std::string> &path) {
    size_t first = path[0] == "model_weights" ? 1 : 0;
    if (path.size() < first + 2) return std::nullopt;
    return path[first] + "." + path.back().substr(0, path.back().find(':'));
  }

  const std::string &file;
  std::map<std::string, size_t> counts; // of variables in a group
};

} // namespace

std::vector<Weight> readKerasWeights(const std::string &path) {
  std::vector<char> bytes = readFile(path);
  if (bytes.size() > 4 && number(bytes, 0, 4) == 0x04034b50) bytes = unzipped(path, bytes, "model.weights.h5");
  std::vector<Dataset> datasets = readDatasets(path, std::move(bytes));
  Names names(path, datasets);
  std::vector<Weight> weights;
  for (Dataset &dataset : datasets) {
    auto name = names.of(dataset);
    if (!name) continue;
    if (std::any_of(weights.begin(), weights.end(), [&](const Weight &weight) { return weight.name == *name; }))
      fail(path, "holds two weights '" + *name + "'; give the model's layers names of their own and save it again");
    weights.push_back({*name, std::move(dataset.shape), std::move(dataset.values)});
  }
  if (weights.empty()) fail(path, "holds no weights of layers; expected a model or its weights, saved by Keras");
  return weights;
}

} // namespace nncc::driver
