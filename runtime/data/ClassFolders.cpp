#include "data/ClassFolders.h"

#include <algorithm>

#include "data/Findings.h"
#include "error.h"

namespace nncc::data {

std::vector<FolderEntry> classFolders(const ReaderInput &input, const std::filesystem::path &path) {
  std::vector<FolderEntry> all = listFolder(path), chosen;
  std::erase_if(all, [](const FolderEntry &entry) { return entry.kind != FolderEntry::Folder; });
  std::vector<std::string> wanted = listItems(input.option("classes"));
  if (wanted.empty()) return all;
  for (const std::string &name : wanted) {
    auto found = std::ranges::find(all, name, &FolderEntry::name);
    if (found == all.end()) {
      std::string known;
      for (const FolderEntry &entry : all) known += (known.empty() ? "" : ", ") + entry.name;
      throw UserError(path.string() + ": no class folder '" + name + "' in it, which the option "
                      "`classes` names; there " + (all.empty() ? "are none" : "are: " + known));
    }
    if (std::ranges::find(chosen, name, &FolderEntry::name) != chosen.end())
      throw UserError(std::string(input.reader.kind) + ": the option `classes` names '" + name + "' twice; leave one out");
    chosen.push_back(*found);
  }
  return chosen;
}

std::vector<FolderEntry> classEntries(const ReaderInput &input, const std::filesystem::path &folder,
                                      FolderEntry::Kind kind, const std::string &expected) {
  std::vector<FolderEntry> entries = listFolder(folder);
  std::string limit = input.option("limit_per_class"), reader = input.reader.kind;
  if (!limit.empty() && entries.size() > std::stoull(limit)) entries.resize(std::stoull(limit));
  // Without findings ends here.
  auto refuse = [&](const std::string &error) {
    if (!input.context.findings) throw UserError(error);
    input.context.findings->fault(error);
  };
  bool isEmpty = entries.empty();
  for (const FolderEntry &entry : entries)
    if (entry.kind != kind)
      refuse((folder / entry.name).string() + ": expected " + expected + " in a class folder, found " +
                      (entry.kind == FolderEntry::Folder ? "a folder"
                       : entry.kind == FolderEntry::File ? "a file"
                                                         : "no regular file") +
                      "; " + reader + " takes one level of class folders with " +
                      (kind == FolderEntry::File ? "images" : "a folder for each clip") + " in them");
  std::erase_if(entries, [&](const FolderEntry &entry) { return entry.kind != kind; });
  if (isEmpty)
    refuse(folder.string() + ": the class folder is empty; put " +
                    (kind == FolderEntry::File ? "images" : "clips") + " into it or remove it");
  return entries;
}

}  // namespace nncc::data
