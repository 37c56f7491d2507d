#include "Library.h"

#include <omp.h>
#include <sched.h>

namespace onednn {

const dnnl::engine &engine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

const dnnl::stream &stream() {
  static const dnnl::stream stream(engine());
  return stream;
}

void useThreads(int threads) {
  cpu_set_t allowed, used;
  CPU_ZERO(&used);
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
    for (int cpu = 0, count = 0; cpu < CPU_SETSIZE && count < threads; ++cpu)
      if (CPU_ISSET(cpu, &allowed)) {
        CPU_SET(cpu, &used);
        ++count;
      }
    sched_setaffinity(0, sizeof used, &used);
  }
  omp_set_num_threads(threads);
}

std::string version() {
  const dnnl_version_t *version = dnnl_version();
  return std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
         std::to_string(version->patch);
}

dnnl::primitive_attr attributes() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

}  // namespace onednn
