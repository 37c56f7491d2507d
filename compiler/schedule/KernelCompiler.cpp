#include "schedule/KernelCompiler.h"

#include <Halide.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <stdexcept>

#include "schedule/HalideTarget.h"
#include "schedule/algorithms/Graph.h"
#include "schedule/algorithms/Registry.h"
#include "schedule/schedules/Candidate.h"

namespace nncc::schedule {

static std::string oneLine(std::string text) {
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

static double flopsPerSample(const KernelSpec &spec) {
  double flops = 0;
  int64_t units = 1;
  for (const Node &node : spec.nodes) {
    flops += algorithmOf(node.op).flops(spec, node);
    for (const TensorType &type : node.results)
      if (type.sliced >= 0)
        units = type.shape[type.sliced];
  }
  for (const TensorType &type : spec.arguments)
    if (type.sliced >= 0)
      units = type.shape[type.sliced];
  return flops / static_cast<double>(units);
}

std::vector<CandidateInfo> listCandidates(const KernelSpec &spec, const Target &target) {
  std::vector<CandidateInfo> list;
  for (const Candidate &candidate : candidatesOf(spec, target))
    list.push_back({candidate.name, candidate.refusal, candidate.reference, candidate.cycles});
  return list;
}

static const Candidate &choose(const std::vector<Candidate> &candidates,
                               const KernelOptions &options, KernelInfo &info) {
  std::string forced = options.schedule;
  if (options.preferred && std::none_of(candidates.begin(), candidates.end(), [&](const Candidate &candidate) {
        return candidate.name == forced && candidate.refusal.empty();
      }))
    forced.clear();
  for (const Candidate &candidate : candidates) {
    if (forced.empty() ? candidate.refusal.empty() : candidate.name == forced) {
      if (!candidate.refusal.empty())
        throw std::runtime_error("schedule '" + forced + "' does not fit: " + candidate.refusal);
      return candidate;
    }
    if (!candidate.refusal.empty())
      info.refusals.push_back(candidate.name + ": " + candidate.refusal);
  }
  std::string names;
  for (const Candidate &candidate : candidates)
    names += (names.empty() ? "" : ", ") + candidate.name;
  throw std::runtime_error("no schedule '" + forced + "'; there are " + names);
}

static KernelInfo compile(const KernelSpec &spec, const Target &target, const std::string &symbol,
                          const KernelOutputs &outputs, const KernelOptions &options) {
  KernelInfo info;
  Halide::Target machine = halideTarget(target);
  // Whole vectors and the rest of a row must round alike, or a sample's bits would depend on
  // its place in the slice. Sums of products run over the same tiles everywhere and keep
  // their fused multiply-adds.
  if (spec.anchor < 0 || algorithmOf(spec.nodes[spec.anchor].op).kind != OpKind::Contraction)
    machine.set_feature(Halide::Target::StrictFloat);
  std::vector<Candidate> candidates = candidatesOf(spec, target);
  const Candidate &candidate = choose(candidates, options, info);
  Graph graph(spec, target);
  candidate.apply(graph);
  info.schedule = candidate.name;
  info.reference = candidate.reference;
  info.errorBound = candidate.errorBound;
  info.flopsPerSample = flopsPerSample(spec);

  Halide::Pipeline pipeline = graph.pipeline();
  info.scratch = graph.scratch();
  info.kept = graph.kept();
  std::map<Halide::OutputFileType, std::string> files;
  if (!outputs.object.empty())
    files[Halide::OutputFileType::object] = outputs.object;
  if (!outputs.statements.empty())
    files[Halide::OutputFileType::stmt] = outputs.statements;
  if (!outputs.assembly.empty())
    files[Halide::OutputFileType::assembly] = outputs.assembly;
  pipeline.compile_to(files, graph.signature(), symbol, machine);
  return info;
}

KernelInfo compileKernel(const KernelSpec &spec, const Target &target, const std::string &symbol,
                         const KernelOutputs &outputs, const KernelOptions &options) {
  try {
    return compile(spec, target, symbol, outputs, options);
  } catch (const std::exception &error) {
    throw std::runtime_error("kernel " + symbol + ": " + oneLine(error.what()));
  }
}

namespace {

class OneLineReporter : public Halide::CompileTimeErrorReporter {
public:
  std::string prefix;
  void (*cleanUp)() = nullptr;

  void warning(const char *message) override {
    std::fprintf(stderr, "%s%s\n", prefix.c_str(), oneLine(message).c_str());
  }
  void error(const char *message) override {
    std::fprintf(stderr, "%s%s\n", prefix.c_str(), oneLine(message).c_str());
    cleanUp();
    std::_Exit(1);
  }
};

}  // namespace

void installErrorReporter(const std::string &prefix, void (*cleanUp)()) {
  static OneLineReporter reporter;
  reporter.prefix = prefix;
  reporter.cleanUp = cleanUp;
  Halide::set_custom_compile_time_error_reporter(&reporter);
}

}  // namespace nncc::schedule
