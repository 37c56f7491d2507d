#include "train/Weights.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "MiniProgram.h"
#include "TinyData.h"
#include "error.h"

namespace {

using namespace nncc;
using namespace nncc::tests;
using namespace nncc::train;

// The parameter block of the mini program: 6 floats at byte 0, 3 at byte 64.
struct MiniBlock {
  alignas(64) float values[32] = {};
  float *kernel() { return values; }
  float *bias() { return values + 16; }
};

MiniBlock numbered() {
  MiniBlock block;
  for (int i = 0; i < 6; ++i) block.kernel()[i] = 0.5f + static_cast<float>(i);
  for (int i = 0; i < 3; ++i) block.bias()[i] = -1.0f / static_cast<float>(i + 1);
  return block;
}

std::string messageOf(const std::function<void()> &action) {
  try {
    action();
  } catch (const UserError &error) {
    return error.what();
  }
  return "";
}

// A file of this header and this many data bytes.
std::string fileOf(const std::string &header, size_t dataBytes) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(header.size() >> (8 * i));
  return bytes + header + std::string(dataBytes, '\1');
}

TEST(Weights, ComeBackBitForBit) {
  TemporaryFolder folder;
  NnccProgram program = miniProgram();
  MiniBlock saved = numbered(), loaded;
  saved.bias()[1] = -0.0f;
  saved.bias()[2] = std::numeric_limits<float>::denorm_min();
  std::vector<std::string> names{"cat", "d\"og", "\xc3\xa9t\xc3\xa9"};
  saveWeights(program, folder / "w.safetensors", saved.values, names, "columns");
  LoadedWeights result = loadWeights(program, folder / "w.safetensors", loaded.values);
  EXPECT_EQ(std::memcmp(saved.values, loaded.values, sizeof saved.values), 0);
  EXPECT_EQ(result.classNames, names);
  EXPECT_EQ(result.preprocessing, "columns");
  EXPECT_TRUE(result.warnings.empty());

  saveWeights(program, folder / "again.safetensors", loaded.values, names, "columns");
  EXPECT_EQ(TemporaryFolder::read(folder / "w.safetensors"),
            TemporaryFolder::read(folder / "again.safetensors"));
}

TEST(Weights, DataStartAtAMultipleOfEight) {
  TemporaryFolder folder;
  NnccProgram program = miniProgram();
  MiniBlock block = numbered();
  for (const char *name : {"m", "mi", "min", "mini5678"}) {
    program.name = name;
    saveWeights(program, folder / "w", block.values, {});
    EXPECT_EQ((TemporaryFolder::read(folder / "w").size() - 9 * 4) % 8, 0u);
  }
}

// tests/unit/train/make_python_safetensors.py wrote it with Python's safetensors package.
TEST(Weights, ReadsWhatPythonWrote) {
  MiniBlock block, expected = numbered();
  LoadedWeights loaded = loadWeights(miniProgram(), NNCC_TEST_FILES "/python.safetensors", block.values);
  EXPECT_EQ(std::memcmp(block.values, expected.values, sizeof block.values), 0);
  EXPECT_EQ(loaded.classNames, (std::vector<std::string>{"cat", "dog"}));
}

TEST(Weights, SinglePrecisionWidensToDouble) {
  TemporaryFolder folder;
  MiniBlock block = numbered();
  saveWeights(miniProgram(), folder / "w", block.values, {});
  alignas(64) double wide[16];
  loadWeights(miniProgram64(), folder / "w", wide);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(wide[i], block.kernel()[i]);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(wide[8 + i], block.bias()[i]);

  saveWeights(miniProgram64(), folder / "w64", wide, {});
  std::string message =
      messageOf([&] { loadWeights(miniProgram(), folder / "w64", block.values); });
  EXPECT_NE(message.find("F64"), std::string::npos) << message;
  EXPECT_NE(message.find("dense.kernel"), std::string::npos) << message;
}

TEST(Weights, WarnsOfValuesThatAreNoNumbers) {
  TemporaryFolder folder;
  MiniBlock block = numbered();
  block.kernel()[1] = NAN;
  block.kernel()[2] = INFINITY;
  saveWeights(miniProgram(), folder / "w", block.values, {});
  LoadedWeights loaded = loadWeights(miniProgram(), folder / "w", block.values);
  ASSERT_EQ(loaded.warnings.size(), 1u);
  EXPECT_NE(loaded.warnings[0].find("2 of 6 values of 'dense.kernel'"), std::string::npos)
      << loaded.warnings[0];
}

TEST(Weights, EveryTruncationIsRefused) {
  TemporaryFolder folder;
  MiniBlock block = numbered();
  saveWeights(miniProgram(), folder / "w", block.values, {"a", "b"});
  std::string whole = TemporaryFolder::read(folder / "w");
  for (size_t length = 0; length < whole.size(); ++length) {
    auto path = folder.write("short", whole.substr(0, length));
    EXPECT_NE(messageOf([&] { loadWeights(miniProgram(), path, block.values); }), "") << length;
  }
  auto path = folder.write("long", whole + '\0');
  EXPECT_NE(messageOf([&] { loadWeights(miniProgram(), path, block.values); }), "");
}

// Weights carry no checksum (the format has none): a flipped bit may go unseen in the values,
// but it must never crash nor be taken for another tensor.
TEST(Weights, NoFlippedBitCrashes) {
  TemporaryFolder folder;
  MiniBlock block = numbered();
  saveWeights(miniProgram(), folder / "w", block.values, {"a", "b"});
  std::string whole = TemporaryFolder::read(folder / "w");
  int refused = 0;
  for (size_t bit = 0; bit < (whole.size() - 36) * 8; ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    auto path = folder.write("flipped", damaged);
    refused += !messageOf([&] { loadWeights(miniProgram(), path, block.values); }).empty();
  }
  EXPECT_GT(refused, 500);
}

struct BadFile {
  std::string header;
  size_t dataBytes;
  const char *expected;  // in the message
};

TEST(Weights, DamagedHeadersAreNamed) {
  TemporaryFolder folder;
  MiniBlock block;
  std::string deep(100000, '['), deepObjects;
  for (int i = 0; i < 100000; ++i) deepObjects += "{\"a\":";
  for (const BadFile &bad : std::vector<BadFile>{
           {"", 0, "begin with '{'"},
           {"[]", 0, "begin with '{'"},
           {"{", 0, "header"},
           {"{\"a\":1}", 0, "entry 'a'"},
           {"{\"\xff\":1}", 0, "header"},
           {deepObjects, 0, "nested"},
           {"{\"a\":" + deep, 0, "nested"},
           {R"({"__metadata__":{"a":1}})", 0, "not a text"},
           {R"({"__metadata__":[]})", 0, "expected texts"},
           {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
            R"("a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8, "twice"},
           {R"({"a":{"dtype":"F32","shape":[1]}})", 4, "data_offsets"},
           {R"({"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}})", 4, "unknown dtype 'F33'"},
           {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4, "8 bytes"},
           {R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4, "size"},
           {R"({"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}})", 4, "size"},
           {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", 4, "begin, end"},
           {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}})", 4, "begin, end"},
           {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 3, "cut off"},
           {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 5, "follow the header"},
           {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8, "hole"},
           {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
            R"("b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}})", 6, "overlap"},
           {R"({"a":{"dtype":"F32","shape":[4611686018427387904,4611686018427387904],)"
            R"("data_offsets":[0,4]}})", 4, "impossibly large"},
           {R"({"a":{"dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,4]}})", 4, "size"},
       }) {
    auto path = folder.write("bad.safetensors", fileOf(bad.header, bad.dataBytes));
    std::string message = messageOf([&] { loadWeights(miniProgram(), path, block.values); });
    EXPECT_NE(message.find(bad.expected), std::string::npos)
        << bad.header.substr(0, 100) << "\n-> " << message;
    EXPECT_NE(message.find("bad.safetensors"), std::string::npos) << message;
  }
  auto path = folder.write("bad.safetensors", std::string(8, '\xff') + "{}");
  EXPECT_NE(messageOf([&] { loadWeights(miniProgram(), path, block.values); }).find("header of"),
            std::string::npos);
  EXPECT_NE(messageOf([&] { loadWeights(miniProgram(), folder / "none", block.values); })
                .find("No such file"),
            std::string::npos);
  EXPECT_NE(messageOf([&] { loadWeights(miniProgram(), folder.path, block.values); }), "");
}

TEST(Weights, MissingStrangeAndMisshapenTensorsAreNamed) {
  TemporaryFolder folder;
  MiniBlock block;
  auto loadOf = [&](const std::string &header, size_t bytes) {
    auto path = folder.write("w.safetensors", fileOf(header, bytes));
    return messageOf([&] { loadWeights(miniProgram(), path, block.values); });
  };
  std::string kernel = R"("dense.kernel":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]})";
  std::string bias = R"("dense.bias":{"dtype":"F32","shape":[3],"data_offsets":[24,36]})";
  EXPECT_EQ(loadOf("{" + kernel + "," + bias + "}", 36), "");

  std::string message = loadOf("{" + kernel + "}", 24);
  EXPECT_NE(message.find("no tensor 'dense.bias'; it holds dense.kernel"), std::string::npos)
      << message;
  message = loadOf("{" + kernel + "," + bias +
                       R"(,"head.bias":{"dtype":"U8","shape":[],"data_offsets":[36,37]}})",
                   37);
  EXPECT_NE(message.find("'head.bias'"), std::string::npos) << message;
  message = loadOf(R"({"dense.kernel":{"dtype":"F32","shape":[3,2],"data_offsets":[0,24]},)" +
                       bias + "}",
                   36);
  EXPECT_NE(message.find("[3, 2]"), std::string::npos) << message;
  EXPECT_NE(message.find("[2, 3]"), std::string::npos) << message;
}

}  // namespace
