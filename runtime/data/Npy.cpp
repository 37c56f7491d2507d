// npy and npz: NumPy's files, one array each or several in a zip archive. A header in Python's
// syntax says type and shape; values follow in C order.
//
//   npy: inputs, targets: files relative to the data folder
//        labels: FILE.csv, label: COLUMN      instead of targets, see LabelTable.h
//   npz: path: the archive; inputs, targets: names of arrays in it. For a model with several inputs or
//        targets, or with lengths, the archive has an array for each, called like it: left, right,
//        left.lengths, labels
//
// Splits go by a sample's bytes: one that is there twice stays on one side.
#include <array>
#include <charconv>
#include <utility>

#include "data/LabelTable.h"
#include "data/NumberArray.h"
#include "data/ZipFile.h"
#include "error.h"

namespace nncc::data {

namespace {

[[noreturn]] void refuse(const ByteStream &stream, const std::string &what) {
  throw UserError(stream.name() + ": " + what);
}

// What stands behind 'key': in the header.
std::string_view valueOf(std::string_view header, std::string_view key, const ByteStream &stream) {
  size_t at = header.find("'" + std::string(key) + "'");
  if (at != std::string_view::npos) at = header.find(':', at);
  if (at == std::string_view::npos)
    refuse(stream, "its header has no '" + std::string(key) + "'; the file is damaged");
  header.remove_prefix(at + 1);
  header.remove_prefix(std::min(header.find_first_not_of(' '), header.size()));
  return header;
}

NumberType typeOf(std::string_view descr, const ByteStream &stream) {
  static constexpr std::pair<std::string_view, NumberType> types[] = {
      {"b1", NumberType::U8},  {"u1", NumberType::U8},  {"i1", NumberType::I8},
      {"u2", NumberType::U16}, {"i2", NumberType::I16}, {"u4", NumberType::U32},
      {"i4", NumberType::I32}, {"i8", NumberType::I64}, {"f4", NumberType::F32},
      {"f8", NumberType::F64}};
  if (descr.size() == 3)
    for (auto [name, type] : types)
      if (descr.substr(1) == name) return type;
  refuse(stream, "its numbers are '" + std::string(descr) +
                     "'; expected integers of 8 to 64 bits (no u8), float32 or float64: convert "
                     "with NumPy's astype");
}

std::vector<int64_t> shapeOf(std::string_view text, const ByteStream &stream) {
  std::vector<int64_t> shape;
  size_t end = text.find(')');
  if (text.empty() || text[0] != '(' || end == std::string_view::npos)
    refuse(stream, "the shape in its header is no tuple; the file is damaged");
  for (text = text.substr(1, end - 1); !text.empty();) {
    size_t digits = text.find_first_not_of(" ,");
    if (digits == std::string_view::npos) break;
    text.remove_prefix(digits);
    int64_t size = 0;
    auto [next, error] = std::from_chars(text.data(), text.data() + text.size(), size);
    if (error != std::errc() || size < 0)
      refuse(stream, "the shape in its header holds something that is no size; the file is damaged");
    shape.push_back(size);
    text.remove_prefix(next - text.data());
  }
  return shape;
}

NumberArray arrayOf(ByteStream stream) {
  std::array<std::byte, 8> head;
  constexpr std::string_view magic = "\x93NUMPY";
  size_t got = stream.read(head);
  if (std::string_view(reinterpret_cast<char *>(head.data()), std::min(got, magic.size())) != magic)
    refuse(stream, "no NumPy array: it does not begin as .npy files do");
  int version = got < head.size() ? 0 : std::to_integer<int>(head[6]);
  std::array<std::byte, 4> length{};
  size_t lengthBytes = version == 1 ? 2 : 4;
  if (version < 1 || version > 3 ||
      stream.read(std::span(length).first(lengthBytes)) < lengthBytes)
    refuse(stream, "the file ends in its header, or is of a version after 3");
  size_t bytes = 0;
  for (size_t i = lengthBytes; i-- > 0;) bytes = bytes << 8 | std::to_integer<size_t>(length[i]);
  if (bytes > 1 << 20) refuse(stream, "its header is " + std::to_string(bytes) + " bytes long; the file is damaged");
  std::string header(bytes, '\0');
  if (stream.read(std::as_writable_bytes(std::span(header))) < bytes)
    refuse(stream, "the file ends in its header");

  std::string_view descr = valueOf(header, "descr", stream);
  if (descr.empty() || descr[0] != '\'')
    refuse(stream, "its elements are records; expected plain numbers");
  descr = descr.substr(1, descr.find('\'', 1) - 1);
  if (valueOf(header, "fortran_order", stream).starts_with("True"))
    refuse(stream, "it is stored in Fortran order; write it with numpy.ascontiguousarray");
  NumberType type = typeOf(descr, stream);
  std::vector<int64_t> shape = shapeOf(valueOf(header, "shape", stream), stream);
  NumberArray array{std::move(stream), type, descr[0] == '>', std::move(shape)};
  array.check();
  return array;
}

NumberArray openNpy(const std::filesystem::path &path) { return arrayOf(ByteStream(path)); }

NumberArray openNpz(const std::filesystem::path &path, const std::string &name) {
  return arrayOf(openZipMember(path, name + ".npy"));
}

PartedDataset openNpyFiles(const ReaderInput &input, std::span<const NnccTensor> columns, int,
                           const ReadProgress &progress) {
  NumberArray inputs = openNpy(input.path("inputs"));
  std::optional<NumberArray> targets;
  if (columns.size() > 1 && !input.option("targets").empty() && !LabelTable::isIn(input))
    targets.emplace(openNpy(input.path("targets")));
  return readArrays("npy", std::move(inputs), std::move(targets), input, columns, progress);
}

// One array for each column, by its name?
bool isByName(std::span<const NnccTensor> columns) {
  return columns.size() > 2 || (columns.size() > 1 && isLengths(columns[1]));
}

std::vector<NumberArray> openNamed(const std::filesystem::path &path, std::span<const NnccTensor> columns) {
  std::vector<NumberArray> arrays;
  for (const NnccTensor &column : columns) arrays.push_back(openNpz(path, column.name));
  return arrays;
}

PartedDataset openNpzFile(const ReaderInput &input, std::span<const NnccTensor> columns, int,
                          const ReadProgress &progress) {
  if (isByName(columns)) return readNamedArrays(openNamed(input.path(), columns), input, columns, progress);
  NumberArray inputs = openNpz(input.path(), input.option("inputs"));
  std::optional<NumberArray> targets;
  if (columns.size() > 1 && !input.option("targets").empty())
    targets.emplace(openNpz(input.path(), input.option("targets")));
  return readArrays("npz", std::move(inputs), std::move(targets), input, columns, progress);
}

std::vector<int64_t> countNpyFiles(const ReaderInput &input) {
  return countArrays("npy", openNpy(input.path("inputs")), input);
}

std::vector<int64_t> countNpzFile(const ReaderInput &input) {
  std::span<const NnccTensor> columns = input.context.columns;
  if (isByName(columns)) return countArrays("npz", openNpz(input.path(), columns[0].name), input);
  return countArrays("npz", openNpz(input.path(), input.option("inputs")), input);
}

Dataset npyInputs(const ReaderInput &input, const std::filesystem::path &file,
                  std::span<const NnccTensor> inputs) {
  return readArrayInputs("npy", openNpy(file), input, inputs);
}

Dataset npzInputs(const ReaderInput &input, const std::filesystem::path &file,
                  std::span<const NnccTensor> inputs) {
  if (inputs.size() > 1) {
    ReadContext context = input.context;
    context.firstTarget = inputs.size();
    return readNamedArrays(openNamed(file, inputs), {input.reader, {}, context}, inputs, {}).dataset;
  }
  return readArrayInputs("npz", openNpz(file, input.option("inputs")), input, inputs);
}

}  // namespace

const ReaderEntry npyReader = {"npy", openNpyFiles, countNpyFiles, false, npyInputs};
const ReaderEntry npzReader = {"npz", openNpzFile, countNpzFile, false, npzInputs, true};

}  // namespace nncc::data
