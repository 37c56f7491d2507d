//===- ScheduleDatabase.cpp - schedules that were measured, as a YAML file -===//
#include "codegen/ScheduleDatabase.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/YAMLTraits.h"

using namespace llvm;
using namespace nncc::codegen;

LLVM_YAML_IS_SEQUENCE_VECTOR(nncc::codegen::MeasuredCandidate)
LLVM_YAML_IS_SEQUENCE_VECTOR(nncc::codegen::TunedKernel)
LLVM_YAML_IS_SEQUENCE_VECTOR(nncc::codegen::TunedTarget)

namespace llvm::yaml {

template <> struct MappingTraits<MeasuredCandidate> {
  static const bool flow = true;
  static void mapping(IO &io, MeasuredCandidate &candidate) {
    io.mapRequired("schedule", candidate.schedule);
    io.mapRequired("cycles", candidate.cycles);
    io.mapRequired("ratio", candidate.ratio);
  }
};

template <> struct MappingTraits<TunedKernel> {
  static void mapping(IO &io, TunedKernel &kernel) {
    io.mapRequired("key", kernel.key);
    io.mapRequired("kernel", kernel.kernel);
    io.mapRequired("schedule", kernel.schedule);
    io.mapRequired("ratio", kernel.ratio);
    io.mapOptional("candidates", kernel.candidates);
  }
  static std::string validate(IO &, TunedKernel &kernel) {
    if (kernel.key.size() != 16 || !all_of(kernel.key, [](char c) { return isHexDigit(c); }))
      return "'" + kernel.key + "' is no key of a kernel: expected 16 hex digits";
    return kernel.schedule.empty() ? "a kernel has no schedule" : "";
  }
};

template <> struct MappingTraits<TunedTarget> {
  static void mapping(IO &io, TunedTarget &target) {
    io.mapRequired("level", target.level);
    io.mapRequired("cpu", target.cpu);
    io.mapRequired("l2_kib", target.l2Kib);
    io.mapRequired("kernels", target.kernels);
  }
};

} // namespace llvm::yaml

namespace nncc::codegen {

const MeasuredCandidate *TunedKernel::find(StringRef schedule) const {
  auto found = find_if(candidates, [&](const MeasuredCandidate &each) { return each.schedule == schedule; });
  return found == candidates.end() ? nullptr : &*found;
}

Expected<ScheduleDatabase> ScheduleDatabase::read(StringRef path) {
  ScheduleDatabase database;
  if (!sys::fs::exists(path)) return database;
  auto buffer = MemoryBuffer::getFile(path);
  if (!buffer) return createStringError("cannot read " + path + ": " + buffer.getError().message());
  std::string complaint;
  auto complain = [](const SMDiagnostic &diagnostic, void *text) {
    auto &words = *static_cast<std::string *>(text);
    if (words.empty())
      words = (Twine(diagnostic.getLineNo()) + ":" + Twine(diagnostic.getColumnNo() + 1) + ": " +
               diagnostic.getMessage()).str();
  };
  yaml::Input in((*buffer)->getBuffer(), nullptr, complain, &complaint);
  in >> database.targets;
  if (in.error())
    return createStringError(path + ":" + (complaint.empty() ? in.error().message() : complaint) +
                             "; `nncc tune` writes this file: remove it, or tune again");
  return database;
}

Error ScheduleDatabase::write(StringRef path) const {
  SmallString<128> aside;
  sys::fs::createUniquePath(path + ".%%%%%%", aside, /*MakeAbsolute=*/false);
  std::error_code code;
  raw_fd_ostream out(aside, code);
  if (code) return createStringError("cannot write " + path + ": " + code.message());
  out << "# Written by `nncc tune`; `nncc compile` takes the schedules where level, CPU and L2 are the machine's.\n";
  yaml::Output yaml(out, nullptr, /*WrapColumn=*/110);
  std::vector<TunedTarget> copy = targets;
  yaml << copy;
  out.close();
  code = out.error();
  out.clear_error();
  if (!code) code = sys::fs::rename(aside, path);
  if (!code) return Error::success();
  sys::fs::remove(aside);
  return createStringError("cannot write " + path + ": " + code.message());
}

static bool matches(const TunedTarget &tuned, const schedule::Target &target) {
  return tuned.level == target.level && tuned.cpu == target.cpu && tuned.l2Kib == target.l2Bytes / 1024;
}

const TunedTarget *ScheduleDatabase::find(const schedule::Target &target) const {
  for (const TunedTarget &tuned : targets)
    if (matches(tuned, target)) return &tuned;
  return nullptr;
}

TunedTarget &ScheduleDatabase::of(const schedule::Target &target) {
  for (TunedTarget &tuned : targets)
    if (matches(tuned, target)) return tuned;
  return targets.emplace_back(TunedTarget{target.level, target.cpu, target.l2Bytes / 1024, {}});
}

std::string scheduleDatabasePath(StringRef model) {
  SmallString<128> path(model);
  sys::path::replace_extension(path, "schedules.yaml");
  return std::string(path);
}

ScheduleChoices choicesOf(const TunedTarget &target) {
  ScheduleChoices choices;
  for (const TunedKernel &kernel : target.kernels)
    if (kernel.candidates.empty() || kernel.schedule != kernel.candidates.front().schedule)
      choices[kernel.key] = kernel.schedule;
  return choices;
}

} // namespace nncc::codegen
