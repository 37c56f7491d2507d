#include "prepare/PackData.h"

#include <list>

#include "data/Pack.h"
#include "data/PackWriter.h"
#include "data/Pairs.h"
#include "error.h"
#include "report/AtomicFile.h"
#include "report/Text.h"
#include "train/Program.h"

namespace nncc::prepare {

using train::DataParts;

void packData(const Source &source, std::filesystem::path out) {
  if (data::isPack(source.dataDir))
    throw UserError(source.dataDir.string() + ": is no folder; a pack is made of the files that the model names");
  if (out.empty()) out = source.dataDir / (std::string(source.program.name) + ".pack");
  report::Progress progress;
  DataParts parts(source.program, requireData(source.program), source.dataDir);
  for (DataParts::Part part : {DataParts::Train, DataParts::Validation, DataParts::Test})
    if (parts.has(part)) parts.open(part, source.threads, progress);

  std::vector<data::Reading> readings = parts.readings();
  std::list<data::SampleReader> readers;
  std::vector<NnccTensor> one;  // the columns of samples that pairs are made of
  int64_t samples = 0;
  for (data::Reading &reading : readings) {
    if (data::pairingOf(*reading.reader)) {
      if (one.empty()) one = data::columnsOfOne(reading.columns);
      reading.columns = one;
    }
    const NnccComponent &inner = readers.emplace_back(*reading.reader);
    reading.reader = &inner;
    samples += reading.samples->dataset.size();
  }
  report::AtomicFile file(out);
  int64_t bytes = 0;
  data::writePack(readings, [&](const void *data, size_t size) {
    file.write(data, size);
    bytes += static_cast<int64_t>(size);
  });
  file.commit();
  progress.line(out.string() + ": " + report::count(samples) + " samples, " + report::byteSize(bytes) +
                "; train with --data " + out.string());
}

}  // namespace nncc::prepare
