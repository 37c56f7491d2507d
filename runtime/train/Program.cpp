#include "train/Program.h"

#include <algorithm>
#include <cstring>

#include "error.h"
#include "train/Metrics.h"

namespace nncc::train {

namespace {

struct Feature {
  std::string_view name;
  bool (*present)();
};

// Names as LLVM writes them. The builtin wants literals; it also checks that the operating
// system saves the registers.
#define NNCC_FEATURE(llvm, gcc) \
  Feature { llvm, [] { return __builtin_cpu_supports(gcc) != 0; } }
constexpr Feature kFeatures[] = {
    NNCC_FEATURE("sse", "sse"),
    NNCC_FEATURE("sse2", "sse2"),
    NNCC_FEATURE("sse3", "sse3"),
    NNCC_FEATURE("ssse3", "ssse3"),
    NNCC_FEATURE("sse4.1", "sse4.1"),
    NNCC_FEATURE("sse41", "sse4.1"),
    NNCC_FEATURE("sse4.2", "sse4.2"),
    NNCC_FEATURE("sse42", "sse4.2"),
    NNCC_FEATURE("popcnt", "popcnt"),
    NNCC_FEATURE("lzcnt", "lzcnt"),
    NNCC_FEATURE("movbe", "movbe"),
    NNCC_FEATURE("bmi", "bmi"),
    NNCC_FEATURE("bmi2", "bmi2"),
    NNCC_FEATURE("avx", "avx"),
    NNCC_FEATURE("f16c", "f16c"),
    NNCC_FEATURE("fma", "fma"),
    NNCC_FEATURE("avx2", "avx2"),
    NNCC_FEATURE("avx512f", "avx512f"),
    NNCC_FEATURE("avx512bw", "avx512bw"),
    NNCC_FEATURE("avx512cd", "avx512cd"),
    NNCC_FEATURE("avx512dq", "avx512dq"),
    NNCC_FEATURE("avx512vl", "avx512vl"),
    NNCC_FEATURE("avx512vbmi", "avx512vbmi"),
    NNCC_FEATURE("avx512vbmi2", "avx512vbmi2"),
    NNCC_FEATURE("avx512vnni", "avx512vnni"),
    NNCC_FEATURE("avx512bf16", "avx512bf16"),
    NNCC_FEATURE("avx512fp16", "avx512fp16"),
    NNCC_FEATURE("avxvnni", "avxvnni"),
};
#undef NNCC_FEATURE

bool isPresent(std::string_view feature) {
  for (const Feature &known : kFeatures)
    if (known.name == feature) return known.present();
  return false;  // what the runtime can't check it can't promise
}

std::string text(const char *string) { return string ? string : ""; }

}  // namespace

void requireKnownAbi(const NnccProgram &program) {
  if (program.magic != NNCC_ABI_MAGIC || program.version != NNCC_ABI_VERSION)
    throw UserError("the compiled model and the runtime library don't belong together (version " +
                    std::to_string(program.version) + ", expected " +
                    std::to_string(NNCC_ABI_VERSION) + "); compile the model again with one nncc");
}

void requireCpu(const NnccProgram &program) {
  __builtin_cpu_init();
  std::string required = text(program.required_features), missing;
  for (std::string_view rest = required; !rest.empty();) {
    std::string_view feature = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(feature.size() + 1, rest.size()));
    if (feature.empty() || isPresent(feature)) continue;
    missing += (missing.empty() ? "" : ", ") + std::string(feature);
  }
  if (!missing.empty())
    throw UserError("this program was compiled for " + text(program.target) +
                    ", but this CPU lacks " + missing +
                    "; compile the model again here or with a lower --target");
}

const NnccEntry *findEntry(const NnccProgram &program, NnccEntryKind kind) {
  for (int i = 0; i < program.num_entries; ++i)
    if (program.entries[i].kind == kind) return &program.entries[i];
  return nullptr;
}

const NnccEntry &requireEntry(const NnccProgram &program, NnccEntryKind kind,
                              std::string_view purpose) {
  if (const NnccEntry *entry = findEntry(program, kind)) return *entry;
  bool needsLoss = kind != NNCC_PREDICT && kind != NNCC_FEATURES;
  if (needsLoss && program.train.num_judged == 0)
    throw UserError("model '" + text(program.name) + "' is not trained: its YAML has no section "
                    "'train', so it cannot " + std::string(purpose) +
                    "; use 'predict' or 'features'");
  std::string hint = kind == NNCC_GRADIENTS
                         ? "run 'nncc check-grad MODEL.yaml', which compiles it in double precision"
                         : "compile the model without restricting its commands";
  throw UserError("this program of model '" + text(program.name) + "' cannot " +
                  std::string(purpose) + ": it was compiled without it; " + hint);
}

std::span<const NnccTensor> inputs(const NnccEntry &entry) {
  return {entry.inputs, static_cast<size_t>(entry.num_inputs)};
}

std::span<const NnccTensor> outputs(const NnccEntry &entry) {
  return {entry.outputs, static_cast<size_t>(entry.num_outputs)};
}

int32_t presentOf(const NnccEntry &entry, int32_t output) { return entry.present ? entry.present[output] : -1; }

bool isPresent(const NnccTensor &tensor, const void *column, int64_t sample) {
  return tensor.type == NNCC_F64 ? static_cast<const double *>(column)[sample] != 0
                                 : static_cast<const float *>(column)[sample] != 0;
}

std::span<const NnccParameter> parameters(const NnccProgram &program) {
  return {program.parameters, static_cast<size_t>(program.num_parameters)};
}

std::span<const NnccSlot> slots(const NnccProgram &program) {
  return {program.slots, static_cast<size_t>(program.num_slots)};
}

const NnccOption *findOption(const NnccComponent &component, std::string_view key) {
  for (int i = 0; i < component.num_options; ++i)
    if (component.options[i].key == key) return &component.options[i];
  return nullptr;
}

double numberOption(const NnccComponent &component, std::string_view key, double otherwise) {
  const NnccOption *option = findOption(component, key);
  return option ? option->number : otherwise;
}

int64_t accumulationSteps(const NnccProgram &program) {
  return std::max(program.train.gradient_accumulation_steps, 1);
}

bool sameComponent(const NnccComponent &a, const NnccComponent &b) {
  if (!a.kind || !b.kind) return !a.kind && !b.kind;
  if (std::strcmp(a.kind, b.kind) != 0 || a.num_options != b.num_options) return false;
  for (int i = 0; i < a.num_options; ++i)
    if (std::strcmp(a.options[i].key, b.options[i].key) != 0 ||
        std::strcmp(a.options[i].text, b.options[i].text) != 0)
      return false;
  return true;
}

std::vector<std::string> valueNames(const NnccProgram &program) {
  std::vector<std::string> names;
  const NnccEntry *entry = findEntry(program, NNCC_TRAIN_STEP);
  if (!entry) entry = findEntry(program, NNCC_EVALUATE);
  if (entry)
    for (const NnccTensor &output : outputs(*entry))
      if (output.rank == 0) names.push_back(output.name);
  return names;
}

std::vector<std::string> evaluationNames(const NnccProgram &program) {
  std::vector<std::string> names = valueNames(program);
  for (const NnccOverallMetric &metric : overallMetrics(program))
    if (isNumber(metric)) names.push_back(metric.name);
  return names;
}

std::span<const NnccJudged> judged(const NnccProgram &program) {
  return {program.train.judged, static_cast<size_t>(program.train.num_judged)};
}

size_t firstTarget(const NnccProgram &program, const NnccEntry &entry) {
  size_t first = static_cast<size_t>(entry.num_inputs);
  for (const NnccJudged &output : judged(program)) first = std::min(first, static_cast<size_t>(output.target));
  return first;
}

std::span<const NnccOverallMetric> overallMetrics(const NnccProgram &program) {
  return {program.train.overall_metrics, static_cast<size_t>(program.train.num_overall_metrics)};
}

bool givesEmbeddings(const NnccJudged &output) { return std::strcmp(output.loss.kind, "triplet") == 0; }

int64_t embeddingOutput(const NnccProgram &program) {
  const NnccEntry *predict = findEntry(program, NNCC_PREDICT);
  for (const NnccJudged &output : judged(program))
    for (int32_t i = 0; predict && i < predict->num_outputs; ++i)
      if (givesEmbeddings(output) && std::strcmp(predict->outputs[i].name, output.output.name) == 0) return i;
  return -1;
}

bool tellsClasses(const NnccProgram &program) {
  return std::ranges::none_of(judged(program), givesEmbeddings);
}

int64_t labelClasses(const NnccProgram &program, const NnccEntry &entry) {
  int64_t least = 0;
  for (const NnccJudged &output : judged(program)) {
    if (entry.inputs[output.target].type != NNCC_I32 || givesEmbeddings(output)) continue;
    int64_t classes = output.output.shape[output.output.rank - 1];
    least = least ? std::min(least, classes) : classes;
  }
  return least;
}

std::span<const int64_t> limitsOf(const NnccProgram &program, const NnccTensor &input) {
  for (int32_t i = 0; i < program.num_limits; ++i)
    if (std::string_view(program.limits[i].input) == input.name)
      return {program.limits[i].limits, static_cast<size_t>(program.limits[i].count)};
  return {};
}

double thresholdOf(const NnccComponent &loss) {
  return std::strcmp(loss.kind, "hinge") == 0 || numberOption(loss, "from_logits", 0) != 0 ? 0 : 0.5;
}

int64_t outputSize(const NnccProgram &program) {
  if (const NnccEntry *entry = findEntry(program, NNCC_PREDICT); entry && entry->num_outputs > 0) {
    const NnccTensor &last = entry->outputs[entry->num_outputs - 1];
    return last.rank > 0 ? last.shape[last.rank - 1] : 1;
  }
  if (program.num_layers == 0) return 0;
  const NnccLayer &last = program.layers[program.num_layers - 1];
  return last.rank > 0 ? last.shape[last.rank - 1] : 1;
}

}  // namespace nncc::train
