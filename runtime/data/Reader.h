// From files to a Dataset. A reader is one function, named by the word that the YAML's `data`
// section uses for it; the table of readers is in Reader.cpp.
#ifndef NNCC_DATA_READER_H
#define NNCC_DATA_READER_H

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "abi.h"
#include "data/Dataset.h"

namespace nncc::data {

// Called from the thread that opened the data set only: (0, total) first, (total, total) last,
// never decreasing. It may throw (an interrupt): reading stops and the exception comes out.
using ReadProgress = std::function<void(int64_t done, int64_t total)>;

// Reads and decodes all samples of `reader` (kind and options as in the YAML; relative paths
// start at `dataDir`) on `threads` threads. `columns` are an entry's inputs: the model's input,
// then its target; without the target no labels are stored. The result doesn't depend on the
// number of threads. Peak memory is that of the result and a few file-sized buffers a thread.
// Throws UserError naming the file that is wrong: the first one in sample order.
Dataset openDataset(const NnccComponent &reader, const std::filesystem::path &dataDir,
                    std::span<const NnccTensor> columns, int threads,
                    const ReadProgress &progress = {});

// The samples that openDataset would give, without reading them: what a plan needs to know
// of memory before it starts. Same errors for missing files and folders.
int64_t countSamples(const NnccComponent &reader, const std::filesystem::path &dataDir);

// Decodes one JPEG or PNG file to a sample of `input` (u8, [H, W, C] or [H, W]), as the image
// readers do. Throws UserError naming the file.
std::vector<std::byte> decodeImage(const std::filesystem::path &file, const NnccTensor &input);

}  // namespace nncc::data

#endif  // NNCC_DATA_READER_H
