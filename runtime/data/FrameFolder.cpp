// frame_folder: one folder a class, in it one folder a clip, in it the frames: JPEG, PNG, PGM or PPM.
//
//   path: lip_words          relative to the data folder
//   resize, fit              see ImageFile.h
//   classes: [cat, coop]     these class folders, labels in this order; without it all of them
//   limit_per_class: 20      the first clips of each class only
//
// Labels count the class folders by name, samples come class by class and by the clip's name, both in
// byte order. The frames of a clip come by their numbers (frame_7.png before frame_10.png) where all
// have one and the same text before it, and no number may be missing then; else in byte order. Names
// that start with a dot are passed over, and so are files beside the class folders.
//
// Splits go by CLASS/CLIP, or by the `class` or the name of the `clip`.
#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "data/ClassFolders.h"
#include "data/Findings.h"
#include "data/ImageFile.h"
#include "data/Labels.h"
#include "data/Parallel.h"
#include "data/ReaderTable.h"
#include "data/Sequences.h"
#include "error.h"

namespace nncc::data {

namespace {

namespace fs = std::filesystem;

struct Listing {
  std::string source;
  std::vector<std::string> classes;
  FileNames clips;
  std::vector<uint8_t> parts;
};

Listing list(const ReaderInput &input) {
  std::span<const Split> splits = input.context.splits;
  static const std::string known[] = {"class", "clip"};
  std::vector<int> columns = groupColumns(splits, known, frameFolderReader.kind);
  fs::path path = input.path();
  Listing listing;
  listing.source = path.string();
  Parting parting(splits);
  for (const FolderEntry &entry : classFolders(input, path)) {
    int number = listing.clips.addFolder((path / entry.name).string());
    for (const FolderEntry &clip : classEntries(input, path / entry.name, FolderEntry::Folder, "a clip's folder")) {
      listing.clips.add(number, clip.name);
      if (parting.empty()) continue;
      std::vector<std::string> groups;
      for (int column : columns) groups.push_back(column < 0 ? "" : column == 0 ? entry.name : clip.name);
      parting.add(hashNumber(entry.name + "/" + clip.name), std::move(groups));
    }
    listing.classes.push_back(entry.name);
  }
  if (listing.classes.empty())
    throw UserError(path.string() + ": no class folders in it; frame_folder expects one folder a class, "
                                    "with a folder for each clip in it");
  listing.parts = parting.parts();
  return listing;
}

// A frame's name as TEXT NUMBER .ending.
struct FrameName {
  std::string file;
  std::string text;
  std::optional<int64_t> number;

  explicit FrameName(std::string name) : file(std::move(name)) {
    std::string stem = fs::path(file).stem().string();
    size_t begin = stem.size();
    while (begin > 0 && stem[begin - 1] >= '0' && stem[begin - 1] <= '9') --begin;
    text = stem.substr(0, begin);
    if (begin < stem.size() && stem.size() - begin <= 18) number = std::stoll(stem.substr(begin));
  }
};

// The frames of a clip in their order.
std::vector<std::string> framesOf(const fs::path &clip) {
  std::vector<FrameName> frames;
  for (FolderEntry &entry : listFolder(clip)) {
    if (entry.kind != FolderEntry::File)
      throw UserError((clip / entry.name).string() + ": expected a frame in a clip's folder, found " +
                      (entry.kind == FolderEntry::Folder ? "a folder" : "no regular file"));
    frames.emplace_back(std::move(entry.name));
  }
  if (frames.empty())
    throw UserError(clip.string() + ": the clip has no frames; put its images into it or remove it");
  bool numbered = std::ranges::all_of(frames, [&](const FrameName &frame) {
    return frame.number && frame.text == frames[0].text;
  });
  if (numbered) {
    std::ranges::stable_sort(frames, {}, &FrameName::number);
    for (size_t i = 1; i < frames.size(); ++i) {
      int64_t last = *frames[i - 1].number, number = *frames[i].number;
      if (number == last)
        throw UserError(clip.string() + ": two frames have the number " + std::to_string(number) + ", " +
                        frames[i - 1].file + " and " + frames[i].file + "; remove one");
      if (number > last + 1)
        throw UserError(clip.string() + ": frame " + std::to_string(last + 1) + " is missing between " +
                        frames[i - 1].file + " and " + frames[i].file + "; add it, or remove the clip");
    }
  }
  std::vector<std::string> names;
  for (FrameName &frame : frames) names.push_back(std::move(frame.file));
  return names;
}

// Decodes clips; one for each thread.
class ClipDecoder {
 public:
  ClipDecoder(std::span<const NnccTensor> columns, int lengths, Resizing resizing)
      : input(columns[0]), lengths(lengths), decoder(frameOf(input), resizing),
        frameBytes(sampleBytes(input) / input.shape[0]) {}

  void decode(const fs::path &clip, Dataset &dataset, int64_t sample, Findings *findings = nullptr) {
    std::vector<std::string> frames = framesOf(clip);
    int64_t count = static_cast<int64_t>(frames.size());
    requireSteps(count, input.shape[0], lengths >= 0, input, clip.string());
    std::byte *to = dataset.sample(0, sample);
    for (const std::string &frame : frames) {
      decoder.decode(clip / frame, to);
      if (findings) findings->image((clip / frame).string(), decoder.facts());
      to += frameBytes;
    }
    std::memset(to, 0, static_cast<size_t>((input.shape[0] - count) * frameBytes));
    if (lengths >= 0) writeLength(dataset, lengths, sample, count);
  }

 private:
  static NnccTensor frameOf(const NnccTensor &clip) {
    return {clip.name, clip.type, clip.rank - 1, clip.shape + 1};
  }
  NnccTensor input;
  int lengths;
  ImageDecoder decoder;
  int64_t frameBytes;
};

ColumnRoles requireClips(std::span<const NnccTensor> columns) {
  ColumnRoles roles = rolesOf(frameFolderReader.kind, columns);
  const NnccTensor &clip = columns[0];
  bool shape = clip.rank == 3 || (clip.rank == 4 && (clip.shape[3] == 1 || clip.shape[3] == 3));
  if (clip.type != NNCC_U8 || !shape)
    throw UserError(std::string("frame_folder gives clips of bytes, u8 [frames, height, width, 1 or 3], but the "
                    "model's input '") + clip.name + "' is " + typeName(clip.type) + " " + shapeText(clip));
  return roles;
}

PartedDataset open(const ReaderInput &input, std::span<const NnccTensor> columns, int threads,
                   const ReadProgress &progress) {
  ColumnRoles roles = requireClips(columns);
  Listing listing = list(input);
  std::optional<LabelWriter> labels;
  if (roles.target >= 0)
    labels.emplace(columns[roles.target], listing.classes.size(), frameFolderReader.kind);
  Resizing resizing = resizingOf(input);
  Dataset dataset(listing.source, columns, listing.clips.size());
  auto makeBody = [&] {
    return [&, decoder = std::make_shared<ClipDecoder>(columns, roles.lengths, resizing)](int64_t i) {
      if (!attempt(input.context.findings, i, [&] { decoder->decode(listing.clips[i], dataset, i, input.context.findings); }))
        return;
      if (labels) labels->write(dataset.sample(roles.target, i), listing.clips.folderOf(i));
    };
  };
  parallelFor(dataset.size(), threads, makeBody, progress);
  dataset.setClassNames(std::move(listing.classes));
  dataset.setFileNames(std::move(listing.clips));
  return {std::move(dataset), std::move(listing.parts)};
}

std::vector<int64_t> count(const ReaderInput &input) {
  Listing listing = list(input);
  if (input.context.splits.empty()) return {listing.clips.size()};
  return countsOf(listing.parts, input.context.splits.size());
}

// A clip's folder.
Dataset inputs(const ReaderInput &input, const fs::path &clip, std::span<const NnccTensor> columns) {
  ColumnRoles roles = requireClips(columns);
  Dataset dataset(clip.string(), columns, 1);
  ClipDecoder(columns, roles.lengths, resizingOf(input)).decode(clip, dataset, 0);
  FileNames name;
  fs::path folder = clip.has_filename() ? clip : clip.parent_path();
  name.add(name.addFolder(folder.has_parent_path() ? folder.parent_path().string() : "."),
           folder.filename().string());
  dataset.setFileNames(std::move(name));
  return dataset;
}

}  // namespace

const ReaderEntry frameFolderReader = {"frame_folder", open, count, false, inputs, true};

}  // namespace nncc::data
