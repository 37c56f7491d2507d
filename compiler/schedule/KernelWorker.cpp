// nncc-kernel: compiles one kernel in a process of its own, so that names inside the object
// depend on nothing but the specification, and a schedule that crashes or never ends takes
// nothing with it. Files are written aside and renamed: what exists is whole.
// Exit status: 0 done, 1 an error in one line on stderr, 2 wrong usage.
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>

#include "schedule/KernelCompiler.h"
#include "schedule/algorithms/Registry.h"

using namespace nncc::schedule;

namespace {

struct Options {
  std::string spec, target, symbol, info;
  KernelOutputs outputs;
  KernelOptions kernel;
  bool list = false;
  long cpuSeconds = 0, memoryMegabytes = 0;  // 0: no limit
};

const char kUsage[] =
    "usage: nncc-kernel SPEC.json --target TARGET.json --symbol NAME\n"
    "                   [--object OUT.o] [--stmt FILE] [--assembly FILE] [--info INFO.json]\n"
    "                   [--schedule CANDIDATE | --prefer CANDIDATE] [--cpu-seconds N] [--memory-mb N]\n"
    "       nncc-kernel SPEC.json --target TARGET.json --list-candidates\n"
    "       nncc-kernel --list-ops\n";

[[noreturn]] void usage(const std::string &complaint) {
  std::cerr << "nncc-kernel: " << complaint << "\n" << kUsage;
  std::exit(2);
}

long positive(const std::string &name, const std::string &text) {
  char *end = nullptr;
  long value = std::strtol(text.c_str(), &end, 10);
  if (text.empty() || *end || value < 1)
    usage(name + " takes a number of at least 1, not '" + text + "'");
  return value;
}

Options parse(int argc, char **argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    auto next = [&]() -> std::string {
      if (i + 1 == argc)
        usage(argument + " needs a value");
      return argv[++i];
    };
    if (argument == "--list-ops") {
      for (const std::string &op : algorithmNames())
        std::cout << op << "\n";
      std::exit(0);
    }
    if (argument == "--help") {
      std::cout << kUsage;
      std::exit(0);
    }
    if (argument == "--target")
      options.target = next();
    else if (argument == "--symbol")
      options.symbol = next();
    else if (argument == "--object")
      options.outputs.object = next();
    else if (argument == "--stmt")
      options.outputs.statements = next();
    else if (argument == "--assembly")
      options.outputs.assembly = next();
    else if (argument == "--info")
      options.info = next();
    else if (argument == "--schedule")
      options.kernel.schedule = next();
    else if (argument == "--prefer")
      options.kernel = {next(), true};
    else if (argument == "--cpu-seconds")
      options.cpuSeconds = positive(argument, next());
    else if (argument == "--memory-mb")
      options.memoryMegabytes = positive(argument, next());
    else if (argument == "--list-candidates")
      options.list = true;
    else if (argument.rfind("--", 0) == 0)
      usage("unknown option '" + argument + "'");
    else if (options.spec.empty())
      options.spec = argument;
    else
      usage("a second specification '" + argument + "'");
  }
  if (options.spec.empty() || options.target.empty())
    usage("a specification and --target are needed");
  if (!options.list && options.symbol.empty())
    usage("--symbol is needed");
  return options;
}

void limit(int resource, rlim_t amount) {
  rlimit limits = {amount, amount};
  if (setrlimit(static_cast<__rlimit_resource>(resource), &limits) != 0)
    throw std::runtime_error("cannot set a resource limit");
}

std::string readFile(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  if (!file || !(text << file.rdbuf()))
    throw std::runtime_error(path + ": cannot read");
  return text.str();
}

// Files that are written under another name until all are whole.
class FilesAside {
public:
  std::string add(const std::string &path) {
    if (path.empty())
      return "";
    files.push_back({path, path + ".part" + std::to_string(getpid())});
    return files.back().second;
  }
  void finish() {
    for (const auto &[path, aside] : files)
      std::filesystem::rename(aside, path);
    files.clear();
  }
  void remove() {
    std::error_code ignored;
    for (const auto &[path, aside] : files)
      std::filesystem::remove(aside, ignored);
    files.clear();
  }

private:
  std::vector<std::pair<std::string, std::string>> files;
};

FilesAside filesAside;

void listTo(std::ostream &stream, const KernelSpec &spec, const Target &target) {
  // Name, then "fits", "reference" or the refusal, then the cycles expected, separated by tabs.
  for (const CandidateInfo &candidate : listCandidates(spec, target))
    stream << candidate.name << "\t"
           << (!candidate.refusal.empty() ? "refused: " + candidate.refusal
               : candidate.reference      ? "reference"
                                          : "fits")
           << "\t" << candidate.cycles << "\n";
}

void run(const Options &options) {
  if (options.cpuSeconds)
    limit(RLIMIT_CPU, options.cpuSeconds);
  if (options.memoryMegabytes)
    limit(RLIMIT_AS, static_cast<rlim_t>(options.memoryMegabytes) << 20);
  KernelSpec spec = KernelSpec::fromJson(readFile(options.spec));
  Target target = targetFromJson(readFile(options.target));
  if (options.list)
    return listTo(std::cout, spec, target);

  KernelOutputs outputs = {filesAside.add(options.outputs.object),
                           filesAside.add(options.outputs.statements),
                           filesAside.add(options.outputs.assembly)};
  KernelInfo made = compileKernel(spec, target, options.symbol, outputs, options.kernel);
  if (!options.info.empty()) {
    std::ofstream file(filesAside.add(options.info), std::ios::binary);
    file << made.toJson();
    if (!file.flush())
      throw std::runtime_error(options.info + ": cannot write");
  }
  filesAside.finish();
}

}  // namespace

int main(int argc, char **argv) {
  Options options = parse(argc, argv);
  installErrorReporter("nncc-kernel: " + (options.symbol.empty() ? "" : "kernel " + options.symbol + ": "),
                       [] { filesAside.remove(); });
  try {
    run(options);
    return 0;
  } catch (const std::exception &error) {
    filesAside.remove();
    std::cerr << "nncc-kernel: " << error.what() << std::endl;
    return 1;
  }
}
