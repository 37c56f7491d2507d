//===- Target.cpp - the CPU that a program is compiled for -----------------===//
#include "codegen/Target.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/X86TargetParser.h"
#include <unistd.h>

using namespace llvm;

namespace nncc::codegen {

static std::string levelOf(function_ref<bool(StringRef)> has) {
  auto all = [&](std::initializer_list<StringRef> features) { return all_of(features, has); };
  if (all({"avx2", "fma", "f16c", "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}))
    return "x86-64-v4";
  if (all({"avx2", "fma", "f16c"})) return "x86-64-v3";
  return "x86-64";
}

static int64_t cacheBytes(int name, int64_t otherwise) {
  long bytes = sysconf(name);
  return bytes > 0 ? bytes : otherwise;
}

Expected<schedule::Target> parseTarget(StringRef name) {
  schedule::Target target;
  if (name == "host") {
    StringMap<bool> features = sys::getHostCPUFeatures();
    target.level = levelOf([&](StringRef feature) { return features.lookup(feature); });
    target.cpu = sys::getHostCPUName().str();
    target.l1Bytes = cacheBytes(_SC_LEVEL1_DCACHE_SIZE, target.l1Bytes);
    target.l2Bytes = cacheBytes(_SC_LEVEL2_CACHE_SIZE, target.l2Bytes);
    return target;
  }
  std::string level = StringSwitch<std::string>(name)
                          .Case("x86-64", "x86-64")
                          .Cases({"x86-64-v3", "avx2"}, "x86-64-v3")
                          .Cases({"x86-64-v4", "avx512"}, "x86-64-v4")
                          .Default("");
  if (!level.empty()) {
    target.level = level;
    return target;
  }
  if (X86::parseArchX86(name, /*Only64Bit=*/true) != X86::CK_None) {
    SmallVector<StringRef> features;
    X86::getFeaturesForCPU(name, features);
    target.level = levelOf([&](StringRef feature) {
      return any_of(features, [&](StringRef f) { return f == feature || f == ("+" + feature).str(); });
    });
    target.cpu = name.str();
    return target;
  }
  return createStringError("unknown target '" + name +
                           "'; expected host, x86-64, x86-64-v3 (avx2), x86-64-v4 (avx512) or the "
                           "name of an x86-64 CPU such as znver4 or skylake-avx512");
}

std::string requiredFeatures(const schedule::Target &target) {
  return StringSwitch<std::string>(target.level)
      .Case("x86-64-v4", "avx2,fma,f16c,avx512f,avx512bw,avx512cd,avx512dq,avx512vl")
      .Case("x86-64-v3", "avx2,fma,f16c")
      .Default("");
}

std::string describe(const schedule::Target &target) {
  return target.cpu.empty() ? target.level : target.level + " (" + target.cpu + ")";
}

} // namespace nncc::codegen
