#include "report/AtomicFile.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <iterator>


#include "../data/TemporaryFolder.h"
#include "error.h"

using namespace nncc::report;

namespace {

int filesIn(const std::filesystem::path &folder) {
  return static_cast<int>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

template <typename Action>
std::string errorOf(Action action) {
  try {
    action();
  } catch (const nncc::UserError &error) {
    return error.what();
  }
  return "no error";
}

TEST(AtomicFile, AppearsWithItsCommit) {
  TemporaryFolder folder;
  AtomicFile file(folder / "a");
  file.write("hello ");
  file.write("world", 5);
  EXPECT_FALSE(std::filesystem::exists(folder / "a"));
  file.commit();
  EXPECT_EQ(folder.read(folder / "a"), "hello world");
  EXPECT_EQ(filesIn(folder.path), 1);
}

TEST(AtomicFile, ReplacesTheOldOneOnlyWithItsCommit) {
  TemporaryFolder folder;
  folder.write("a", "old");
  {
    AtomicFile file(folder / "a");
    file.write("new");
    EXPECT_EQ(folder.read(folder / "a"), "old");
  }
  EXPECT_EQ(folder.read(folder / "a"), "old");
  EXPECT_EQ(filesIn(folder.path), 1);
  AtomicFile file(folder / "a");
  file.commit();
  EXPECT_EQ(folder.read(folder / "a"), "");
}

TEST(AtomicFile, WorksWithoutAFolderInItsPath) {
  TemporaryFolder folder;
  auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path);
  AtomicFile file("plain");
  file.write("x");
  file.commit();
  std::filesystem::current_path(before);
  EXPECT_EQ(folder.read(folder / "plain"), "x");
}

TEST(AtomicFile, MissingFolderIsNamed) {
  TemporaryFolder folder;
  EXPECT_EQ(errorOf([&] { AtomicFile file(folder / "no/a"); }),
            (folder / "no/a").string() + ": can't create the file: No such file or directory");
}

TEST(AtomicFile, FolderInItsPlaceIsNamed) {
  TemporaryFolder folder;
  folder.write("a/b", "x");
  EXPECT_EQ(errorOf([&] {
              AtomicFile file(folder / "a");
              file.write("x");
              file.commit();
            }),
            (folder / "a").string() + ": can't put the new file in its place: Is a directory");
  EXPECT_EQ(filesIn(folder.path), 1);
}

// A file size limit stands for a full disk.
TEST(AtomicFile, FailedWriteLeavesTheOldFileAndNothingElse) {
  TemporaryFolder folder;
  folder.write("a", "old");
  auto handler = signal(SIGXFSZ, SIG_IGN);
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small{4096, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  std::string error = errorOf([&] {
    AtomicFile file(folder / "a");
    file.write(std::string(10000, 'x'));
    file.commit();
  });
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
  EXPECT_EQ(error, (folder / "a").string() + ": can't write the file: File too large");
  EXPECT_EQ(folder.read(folder / "a"), "old");
  EXPECT_EQ(filesIn(folder.path), 1);
}

TEST(MakeFolder, MakesThoseAboveToo) {
  TemporaryFolder folder;
  makeFolder(folder / "x/y/z");
  makeFolder(folder / "x/y/z");
  EXPECT_TRUE(std::filesystem::is_directory(folder / "x/y/z"));
  folder.write("file", "x");
  EXPECT_EQ(errorOf([&] { makeFolder(folder / "file"); }),
            (folder / "file").string() + ": can't make the folder: Not a directory");
  EXPECT_EQ(errorOf([&] { makeFolder(folder / "file/below"); }),
            (folder / "file/below").string() + ": can't make the folder: Not a directory");
}

}  // namespace
