#include "schedule/HalideTarget.h"

#include <stdexcept>

namespace nncc::schedule {

Halide::Target halideTarget(const Target &target) {
  using H = Halide::Target;
  std::vector<H::Feature> features = {H::NoRuntime, H::NoAsserts, H::NoBoundsQuery};
  auto add = [&](std::initializer_list<H::Feature> more) {
    features.insert(features.end(), more);
  };
  if (target.level == "x86-64-v3" || target.level == "x86-64-v4")
    add({H::SSE41, H::AVX, H::F16C, H::FMA, H::AVX2});
  else if (target.level != "x86-64")
    throw std::runtime_error("unknown target level '" + target.level +
                             "'; expected x86-64, x86-64-v3 or x86-64-v4");
  if (target.level == "x86-64-v4")
    add({H::AVX512, H::AVX512_Skylake});

  static const std::pair<const char *, H::Processor> processors[] = {
      {"znver1", H::ZnVer1}, {"znver2", H::ZnVer2}, {"znver3", H::ZnVer3},
      {"znver4", H::ZnVer4}, {"znver5", H::ZnVer5},
  };
  H::Processor processor = H::ProcessorGeneric;
  for (const auto &[cpu, known] : processors)
    if (target.cpu == cpu)
      processor = known;
  return H(H::Linux, H::X86, 64, processor, features);
}

Halide::Type halideType(ElementType type) {
  switch (type) {
  case ElementType::U8:
    return Halide::UInt(8);
  case ElementType::I32:
    return Halide::Int(32);
  case ElementType::I64:
    return Halide::Int(64);
  case ElementType::F32:
    return Halide::Float(32);
  case ElementType::F64:
    return Halide::Float(64);
  }
  throw std::logic_error("element type out of range");
}

}  // namespace nncc::schedule
