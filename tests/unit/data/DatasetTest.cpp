#include "data/Dataset.h"

#include <gtest/gtest.h>

#include "Files.h"

using namespace nncc::data;

namespace {

TEST(Dataset, HoldsExactlyItsSamples) {
  ImageColumns columns(5, 7, 3);
  Dataset dataset("here", columns, 11);
  EXPECT_EQ(dataset.size(), 11);
  EXPECT_EQ(dataset.columns(), 2);
  EXPECT_EQ(dataset.sampleBytes(0), 5 * 7 * 3);
  EXPECT_EQ(dataset.sampleBytes(1), 4);
  EXPECT_EQ(dataset.bytes(), 11 * (5 * 7 * 3 + 4));
  EXPECT_EQ(dataset.sample(0, 3) - dataset.sample(0, 0), 3 * 5 * 7 * 3);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(dataset.sample(0, 0)) % NNCC_ALIGNMENT, 0u);
  EXPECT_EQ(dataset.fileName(3), "");
}

TEST(Dataset, SizesOfAllElementTypes) {
  int64_t shape[] = {2, 3};
  int64_t sizes[] = {1, 4, 8, 4, 8};
  for (int32_t type = NNCC_U8; type <= NNCC_F64; ++type) {
    NnccTensor tensor{"x", type, 2, shape};
    EXPECT_EQ(sampleBytes(tensor), 6 * sizes[type]);
  }
}

TEST(Dataset, TooLargeIsAUsersError) {
  ImageColumns columns(1 << 20, 1 << 20, 3);
  EXPECT_EQ(errorOf([&] { Dataset("big", columns, int64_t{1} << 40); }),
            "big: not enough memory for 1099511627776 samples of 'input' (3298534883328 bytes "
            "each); use fewer or smaller samples");
}

TEST(FileNames, KeepsFoldersAndNames) {
  FileNames names;
  int a = names.addFolder("x/a"), b = names.addFolder("x/b");
  names.add(a, "1.png");
  names.add(a, "22.png");
  names.add(b, "");
  names.add(b, "3");
  EXPECT_EQ(names.size(), 4);
  EXPECT_EQ(names[0], "x/a/1.png");
  EXPECT_EQ(names[1], "x/a/22.png");
  EXPECT_EQ(names[2], "x/b/");
  EXPECT_EQ(names[3], "x/b/3");
  EXPECT_EQ(names.folderOf(1), a);
  EXPECT_EQ(names.folderOf(2), b);
}

Dataset withClasses(const char *source, std::vector<std::string> names) {
  Dataset dataset(source, {}, 0);
  dataset.setClassNames(std::move(names));
  return dataset;
}

TEST(Classes, CountMustBeTheModels) {
  Dataset dataset = withClasses("pets", {"cat", "dog"});
  EXPECT_EQ(errorOf([&] { requireClassCount(dataset, 2, "x"); }), "no error");
  EXPECT_EQ(errorOf([&] { requireClassCount(dataset, 10, "the model's output 'dense_1'"); }),
            "pets: found 2 classes ('cat', 'dog'), but the model's output 'dense_1' expects 10; "
            "add or remove classes, or change the model's last layer");
}

TEST(Classes, ValidationMustHaveThoseOfTraining) {
  Dataset train = withClasses("train", {"cat", "dog", "owl"});
  EXPECT_EQ(errorOf([&] { requireSameClasses(train, withClasses("b", {"cat", "dog", "owl"})); }),
            "no error");
  EXPECT_EQ(errorOf([&] { requireSameClasses(train, withClasses("test", {"cat", "ox", "owl"})); }),
            "test: its classes differ from those of train; missing: 'dog'; only here: 'ox'; "
            "labels are numbers in class order, so both need the same classes");
  EXPECT_EQ(errorOf([&] { requireSameClasses(train, withClasses("test", {"dog", "cat", "owl"})); }),
            "test: its classes differ from those of train in their order: 'dog', 'cat', 'owl'; "
            "labels are numbers in class order, so both need the same classes");
}

}  // namespace
