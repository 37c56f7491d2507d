// A folder with one folder a class.
#ifndef NNCC_DATA_CLASSFOLDERS_H
#define NNCC_DATA_CLASSFOLDERS_H

#include <filesystem>
#include <string>
#include <vector>

#include "data/InputFile.h"
#include "data/ReaderTable.h"

namespace nncc::data {

// The class folders in `path` that the option `classes` asks for, in the order of their labels: its
// own, or without it all by name in byte order.
std::vector<FolderEntry> classFolders(const ReaderInput &input, const std::filesystem::path &path);

// What is in a class's folder, by name in byte order: the first ones only, where the option
// `limit_per_class` says so. Throws UserError unless there are some and all are of a kind; `expected`
// says in messages what ("an image file").
std::vector<FolderEntry> classEntries(const ReaderInput &input, const std::filesystem::path &folder,
                                      FolderEntry::Kind kind, const std::string &expected);

}  // namespace nncc::data

#endif  // NNCC_DATA_CLASSFOLDERS_H
