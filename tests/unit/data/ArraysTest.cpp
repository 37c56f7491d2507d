// idx, npy and npz: files that NumPy and Python wrote, and what is wrong with others.
#include <gtest/gtest.h>

#include <cmath>

#include "Fixtures.h"

using namespace nncc::data;

namespace {

class Arrays : public testing::Test {
 protected:
  Dataset open(const Component &reader, std::vector<NnccTensor> columns, int64_t classes = 0) {
    return openParts(reader, "/", columns, 2, {}, {{}, {}, classes}).dataset;
  }
  std::string copy(const std::string &name, const std::function<void(std::string &)> &change) {
    std::string bytes = fixtureBytes(name);
    change(bytes);
    return folder.write(name, bytes).string();
  }
  std::string error(const Component &reader, std::vector<NnccTensor> columns, int64_t classes = 0) {
    return errorOf([&] { open(reader, columns, classes); });
  }
  static Component idx(const std::string &images, const std::string &labels) {
    return {"idx", {{"images", images}, {"labels", labels}}};
  }
  static Component npy(const std::string &inputs, const std::string &targets) {
    return {"npy", {{"inputs", inputs}, {"targets", targets}}};
  }

  TemporaryFolder folder;
  Column image{"input", NNCC_U8, {4, 4, 1}}, row{"input", NNCC_F32, {3}},
      label{"label", NNCC_I32, {}}, oneHot{"target", NNCC_F32, {3}}, number{"target", NNCC_F32, {1}};
  std::string images = fixture("images.idx"), labels = fixture("labels.idx");
};

const int32_t expectedLabels[] = {2, 0, 1, 1, 0, 2};

TEST_F(Arrays, Idx) {
  for (const char *name : {"images.idx", "images.idx.gz"}) {
    Dataset dataset = open(idx(fixture(name), labels), {image.tensor, label.tensor}, 3);
    ASSERT_EQ(dataset.size(), 6);
    EXPECT_EQ(dataset.classNames(), (std::vector<std::string>{"0", "1", "2"}));
    for (int i = 0; i < 6; ++i) {
      EXPECT_EQ(labelOf(dataset, i), expectedLabels[i]);
      for (int j = 0; j < 16; ++j) EXPECT_EQ(sampleOf(dataset, i)[j], i * 16 + j);
    }
    EXPECT_EQ(countSamples(idx(fixture(name), labels), "/"), 6);
  }
}

TEST_F(Arrays, Numpy) {
  for (const char *name : {"rows-f4.npy", "rows-f8-big.npy"}) {
    Dataset dataset = open(npy(fixture(name), fixture("labels.npy")), {row.tensor, label.tensor});
    ASSERT_EQ(dataset.size(), 6);
    for (int i = 0; i < 18; ++i)
      EXPECT_EQ(valuesOf<float>(dataset, 0, i / 3)[i % 3], static_cast<float>(i / 7.0 - 1));
    for (int i = 0; i < 6; ++i) EXPECT_EQ(labelOf(dataset, i), expectedLabels[i]);
  }
}

TEST_F(Arrays, NumpyArchives) {
  for (const char *name : {"stored.npz", "packed.npz"}) {
    Component reader("npz", {{"path", fixture(name)}, {"inputs", "inputs"}, {"targets", "targets"}});
    Dataset dataset = open(reader, {row.tensor, label.tensor});
    ASSERT_EQ(dataset.size(), 6);
    EXPECT_EQ(valuesOf<float>(dataset, 0, 5)[2], static_cast<float>(17 / 7.0 - 1));
    EXPECT_EQ(labelOf(dataset, 5), 2);
  }
  Component other("npz", {{"path", fixture("packed.npz")}, {"inputs", "missing"}});
  EXPECT_EQ(error(other, {row.tensor}), fixture("packed.npz") + ": no array 'missing.npy' in it; "
                                        "there are: inputs.npy, other.npy, targets.npy");
}

TEST_F(Arrays, BytesFeedNumbersAndDoubles) {
  Column floats("input", NNCC_F32, {4, 4}), doubles("input", NNCC_F64, {4, 4});
  Dataset narrow = open(idx(images, labels), {floats.tensor});
  EXPECT_EQ(valuesOf<float>(narrow, 0, 3)[5], 53);
  EXPECT_EQ(valuesOf<double>(open(npy(fixture("images.npy"), ""), {doubles.tensor}), 0, 3)[5], 53);
}

TEST_F(Arrays, TargetsAsNumbersAndAsPlaces) {
  Dataset places = open(idx(images, labels), {image.tensor, oneHot.tensor});
  EXPECT_EQ(valuesOf<float>(places, 1, 0), (std::vector<float>{0, 0, 1}));
  EXPECT_EQ(valuesOf<float>(places, 1, 2), (std::vector<float>{0, 1, 0}));
  Dataset numbers = open(idx(images, labels), {image.tensor, number.tensor});
  EXPECT_EQ(valuesOf<float>(numbers, 1, 5), (std::vector<float>{2}));
}

TEST_F(Arrays, SplitsByBytesAreStable) {
  Component reader = idx(images, labels);
  ReadContext context{{{0, 0.5}, {0.75, 1}}, {}, 3};
  NnccTensor columns[] = {image.tensor, label.tensor};
  PartedDataset parted = openParts(reader, "/", columns, 1, {}, context);
  ASSERT_EQ(parted.parts.size(), 6u);
  for (int i = 0; i < 6; ++i) {
    std::string bytes(reinterpret_cast<const char *>(parted.dataset.sample(0, i)), 16);
    double hash = hashNumber(bytes);
    EXPECT_EQ(parted.parts[i], hash < 0.5 ? 1 : hash >= 0.75 ? 2 : 0);
  }
  std::vector<int64_t> counts = countParts(reader, "/", context);
  for (int part : {0, 1, 2})
    EXPECT_EQ(counts[part], static_cast<int64_t>(parted.samplesOf(part).size()));
}

TEST_F(Arrays, LabelOutOfRange) {
  EXPECT_EQ(error(idx(images, labels), {image.tensor, label.tensor}, 2),
            labels + ": sample 0 (from 0) has label 2, expected 0 to 1; the file is damaged, or the "
                     "model has too few outputs");
  std::string changed = copy("labels.npy", [](std::string &bytes) { bytes[bytes.size() - 8 * 3 + 7] = '\x80'; });
  EXPECT_EQ(error(npy(fixture("images.npy"), changed), {image.tensor, label.tensor}, 3).substr(0, changed.size() + 26),
            changed + ": sample 3 (from 0) has la");
}

TEST_F(Arrays, IndicesOfATable) {
  Column pixels("input", NNCC_F32, {4, 4});
  Component reader = npy(fixture("images.npy"), "");
  std::vector<int64_t> limits(16, 0);
  ReadContext context;
  context.limits = limits;
  auto open = [&] { openParts(reader, "/", {&pixels.tensor, 1}, 1, {}, context); };
  limits[5] = 256;
  EXPECT_EQ(errorOf(open), "no error");
  limits[5] = 53;  // what sample 3 has
  std::string text = errorOf(open), end = "; expected an index from 0 to 52: mend the data, or give the embedding a "
                                          "larger input_dim";
  EXPECT_TRUE(text.starts_with(fixture("images.npy") + ": sample ")) << text;
  EXPECT_NE(text.find(" (from 0): element 5 (from 0): "), text.npos) << text;
  EXPECT_TRUE(text.ends_with(" is no row of the embedding that reads it" + end)) << text;
}

std::string little(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i, value >>= 8) text += static_cast<char>(value & 255);
  return text;
}

// As NumPy writes it: version 1, C order.
template <typename T>
std::string npyBytes(const char *descr, const std::string &shape, const std::vector<T> &values) {
  std::string header = std::string("{'descr': '") + descr + "', 'fortran_order': False, 'shape': (" + shape + "), }\n";
  std::string bytes(reinterpret_cast<const char *>(values.data()), values.size() * sizeof(T));
  return "\x93NUMPY\x01" + std::string(1, '\0') + little(header.size(), 2) + header + bytes;
}

// A zip archive with these members, not compressed.
std::string zipBytes(const std::vector<std::pair<std::string, std::string>> &members) {
  std::string bytes, directory;
  for (auto &[name, content] : members) {
    std::string sizes = little(content.size(), 4) + little(content.size(), 4) + little(name.size(), 2);
    directory += "PK\x01\x02" + little(0, 16) + sizes + little(0, 12) + little(bytes.size(), 4) + name;
    bytes += "PK\x03\x04" + little(0, 14) + sizes + little(0, 2) + name + content;
  }
  size_t start = bytes.size();
  return bytes + directory + "PK\x05\x06" + little(0, 4) + little(members.size(), 2) + little(members.size(), 2) +
         little(directory.size(), 4) + little(start, 4) + little(0, 2);
}

class NamedArrays : public Arrays {
 protected:
  std::vector<std::pair<std::string, std::string>> members = {
      {"clip.npy", npyBytes<float>("<f4", "2, 3, 2", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})},
      {"clip.lengths.npy", npyBytes<int32_t>("<i4", "2", {2, 3})},
      {"mask.npy", npyBytes<uint8_t>("|u1", "2, 4", {1, 2, 3, 4, 5, 6, 7, 8})},
      {"kind.npy", npyBytes<int64_t>("<i8", "2", {2, 0})},
      {"box.npy", npyBytes<double>("<f8", "2, 2", {0.5, 1, -2, 4})},
  };
  Column clip{"clip", NNCC_F32, {3, 2}}, lengths{"clip.lengths", NNCC_I32, {}}, mask{"mask", NNCC_U8, {4}},
      kind{"kind", NNCC_F32, {3}}, box{"box", NNCC_F32, {2}};
  std::vector<NnccTensor> columns = {clip.tensor, lengths.tensor, mask.tensor, kind.tensor, box.tensor};
  Component reader{"npz", {{"path", (folder / "a.npz").string()}, {"inputs", "inputs"}, {"targets", "targets"}}};
  void write() { folder.write("a.npz", zipBytes(members)); }
  PartedDataset read() {
    write();
    return openParts(reader, "/", columns, 1, {}, {{}, {}, 0, {}, columns, 3});
  }
  std::string wrong(size_t member, std::string bytes) {
    std::swap(members[member].second, bytes);
    std::string text = errorOf([&] { read(); });
    std::swap(members[member].second, bytes);
    return text;
  }
  std::string at(const char *name) { return (folder / "a.npz").string() + "/" + name + ".npy: "; }
};

TEST_F(NamedArrays, OneForEachColumn) {
  Dataset dataset = read().dataset;
  ASSERT_EQ(dataset.size(), 2);
  EXPECT_EQ(valuesOf<float>(dataset, 0, 0), (std::vector<float>{1, 2, 3, 4, 0, 0}));  // behind the length
  EXPECT_EQ(valuesOf<float>(dataset, 0, 1), (std::vector<float>{7, 8, 9, 10, 11, 12}));
  EXPECT_EQ(dataset.integer(1, 0), 2);
  EXPECT_EQ(valuesOf<uint8_t>(dataset, 2, 1), (std::vector<uint8_t>{5, 6, 7, 8}));
  EXPECT_EQ(valuesOf<float>(dataset, 3, 0), (std::vector<float>{0, 0, 1}));
  EXPECT_EQ(valuesOf<float>(dataset, 4, 1), (std::vector<float>{-2, 4}));
  EXPECT_EQ(countParts(reader, "/", {{}, {}, 0, {}, columns, 3}), (std::vector<int64_t>{2}));
  // To predict there are no targets.
  std::vector<NnccTensor> inputs(columns.begin(), columns.begin() + 3);
  EXPECT_EQ(readInputs(reader, folder / "a.npz", inputs, {}).integer(1, 1), 3);
}

TEST_F(NamedArrays, WhatCannotBe) {
  EXPECT_EQ(wrong(1, npyBytes<int32_t>("<i4", "2", {2, 4})),
            at("clip.lengths") + "sample 1 (from 0) has length 4, expected 1 to 3; mend or remove the sample");
  EXPECT_EQ(wrong(1, npyBytes<int32_t>("<i4", "2", {0, 3})),
            at("clip.lengths") + "sample 0 (from 0) has length 0, expected 1 to 3; mend or remove the sample");
  EXPECT_EQ(wrong(4, npyBytes<double>("<f8", "1, 2", {0.5, 1})),
            at("box") + "has 1 samples, but " + (folder / "a.npz").string() + "/clip.npy has 2; they don't belong together");
  EXPECT_EQ(wrong(2, npyBytes<uint8_t>("|u1", "2, 1", {1, 2})),
            at("mask") + "its array is [2, 1], samples first, but a sample of the model's input 'mask' is [4]");
  members.pop_back();
  EXPECT_EQ(errorOf([&] { read(); }), (folder / "a.npz").string() + ": no array 'box.npy' in it; there are: clip.npy, "
                                      "clip.lengths.npy, mask.npy, kind.npy");
}

TEST_F(Arrays, NotANumber) {
  EXPECT_EQ(error(npy(fixture("rows-nan.npy"), ""), {row.tensor}),
            fixture("rows-nan.npy") + ": sample 3 (from 0) holds a value that is no finite number of "
                                      "32 bits (element 1); mend or remove the sample");
}

TEST_F(Arrays, CutShort) {
  std::string cut = copy("images.idx", [](std::string &bytes) { bytes.resize(bytes.size() - 20); });
  EXPECT_EQ(error(idx(cut, labels), {image.tensor, label.tensor}, 3),
            cut + ": the file ends in sample 4 (from 0), but its header says 6 samples; fetch the "
                  "file again");
  cut = copy("images.idx", [](std::string &bytes) { bytes.resize(9); });
  EXPECT_EQ(error(idx(cut, labels), {image.tensor}),
            cut + ": the file ends in its header; fetch it again");
  cut = copy("images.idx.gz", [](std::string &bytes) { bytes.resize(bytes.size() - 12); });
  EXPECT_EQ(error(idx(cut, labels), {image.tensor}),
            cut + ": the compressed data end too soon; fetch the file again");
  cut = copy("rows-f4.npy", [](std::string &bytes) { bytes.resize(40); });
  EXPECT_EQ(error(npy(cut, ""), {row.tensor}), cut + ": the file ends in its header");
  cut = copy("rows-f4.npy", [](std::string &bytes) { bytes.resize(bytes.size() - 1); });
  EXPECT_EQ(error(npy(cut, ""), {row.tensor}),
            cut + ": the file ends in sample 5 (from 0), but its header says 6 samples; fetch the "
                  "file again");
  cut = copy("packed.npz", [](std::string &bytes) { bytes.resize(bytes.size() - 10); });
  Component archive("npz", {{"path", cut}, {"inputs", "inputs"}});
  EXPECT_EQ(error(archive, {row.tensor}),
            cut + ": no intact zip archive (it has no directory); it is cut short or of another "
                  "format: write it again");
}

TEST_F(Arrays, EveryCutOfAFileIsAnErrorOfTheUser) {
  for (const char *name : {"images.idx", "images.idx.gz", "rows-f4.npy", "stored.npz", "packed.npz"}) {
    std::string bytes = fixtureBytes(name);
    for (size_t size = 0; size < bytes.size(); ++size) {
      std::string path = folder.write("cut", bytes.substr(0, size)).string();
      std::string ending = std::filesystem::path(name).extension();
      Component reader = ending == ".npz" ? Component("npz", {{"path", path}, {"inputs", "inputs"}})
                         : ending == ".npy" ? npy(path, "") : idx(path, "");
      NnccTensor input = ending == ".npz" || ending == ".npy" ? row.tensor : image.tensor;
      ASSERT_EQ(error(reader, {input}).substr(0, path.size()), path) << name << " " << size;
    }
  }
}

TEST_F(Arrays, Damaged) {
  std::string longer = copy("images.idx", [](std::string &bytes) { bytes += "x"; });
  EXPECT_EQ(error(idx(longer, labels), {image.tensor}),
            longer + ": there are bytes behind its 6 samples; the file's header is wrong");
  std::string flipped = copy("images.idx.gz", [](std::string &bytes) { bytes[30] ^= 0x55; });
  EXPECT_EQ(error(idx(flipped, labels), {image.tensor}).substr(0, flipped.size() + 30),
            flipped + ": the compressed data are dama");
}

TEST_F(Arrays, OtherFormats) {
  std::string png = fixture("grey.png");
  EXPECT_EQ(error(idx(png, labels), {image.tensor}),
            png + ": no IDX file: its first bytes are not zero; expected a file such as "
                  "train-images-idx3-ubyte, .gz or not");
  EXPECT_EQ(error(npy(png, ""), {row.tensor}),
            png + ": no NumPy array: it does not begin as .npy files do");
  EXPECT_EQ(error(npy(fixture("rows-fortran.npy"), ""), {row.tensor}),
            fixture("rows-fortran.npy") + ": it is stored in Fortran order; write it with "
                                          "numpy.ascontiguousarray");
}

TEST_F(Arrays, Empty) {
  std::string none = copy("images.idx", [](std::string &bytes) {
    bytes[7] = 0;
    bytes.resize(16);
  });
  EXPECT_EQ(error(idx(none, labels), {image.tensor}), none + ": its array is [0, 4, 4]: no samples");
}

TEST_F(Arrays, DoNotFitTheModel) {
  EXPECT_EQ(error(idx(images, labels), {row.tensor}),
            images + ": its array is [6, 4, 4], samples first, but a sample of the model's input "
                     "'input' is [3]");
  Column bytes("input", NNCC_U8, {3});
  EXPECT_EQ(error(npy(fixture("rows-f4.npy"), ""), {bytes.tensor}),
            fixture("rows-f4.npy") + ": its numbers are f32, but the model's input 'input' is u8; "
                                     "give the input `type: f32`");
  std::string fewer = copy("labels.idx", [](std::string &bytes) {
    bytes[7] = 5;
    bytes.pop_back();
  });
  EXPECT_EQ(error(idx(images, fewer), {image.tensor, label.tensor}, 3),
            fewer + ": has 5 samples, but " + images + " has 6; they don't belong together");
}

}  // namespace
