//===- KernelStore.cpp - kernels compiled in worker processes, and cached --===//
#include "codegen/KernelStore.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"
#include <atomic>
#include <mutex>
#include <thread>

using namespace llvm;

namespace nncc::codegen {

// Far above what a kernel takes (a second or two, a few hundred megabytes).
static constexpr unsigned kSecondsLimit = 300;
static constexpr unsigned kMegabytesLimit = 6000;

static Expected<std::string> readFile(const Twine &path) {
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer) return createStringError("cannot read " + path + ": " + buffer.getError().message());
  return (*buffer)->getBuffer().str();
}

static Error writeFile(StringRef path, StringRef text) {
  std::error_code code;
  raw_fd_ostream out(path, code);
  if (!code) {
    out << text;
    out.close();
    code = out.error();
    out.clear_error();
  }
  return code ? createStringError("cannot write " + path + ": " + code.message()) : Error::success();
}

KernelStore::KernelStore(std::string worker, std::string cacheDir, schedule::Target target)
    : worker(std::move(worker)), cacheDir(std::move(cacheDir)),
      targetJson(schedule::toJson(target)) {}

std::string KernelStore::defaultCacheDir() {
  if (auto dir = sys::Process::GetEnv("NNCC_CACHE")) return *dir;
  SmallString<128> path;
  if (auto dir = sys::Process::GetEnv("XDG_CACHE_HOME"))
    path = *dir;
  else if (sys::path::home_directory(path))
    sys::path::append(path, ".cache");
  sys::path::append(path, "nncc", "kernels");
  return std::string(path);
}

std::string KernelStore::keyOf(const std::string &specJson, StringRef schedule) const {
  return schedule::hashOf(specJson + "\n" + targetJson + "\n" + workerHash + "\n" + schedule.str());
}

// The folder, and what the keys depend on.
Error KernelStore::prepare() {
  if (auto code = sys::fs::create_directories(cacheDir))
    return createStringError("cannot make the kernel cache " + cacheDir + ": " + code.message() +
                             "; set NNCC_CACHE to a folder that can be written");
  if (!workerHash.empty()) return Error::success();
  auto content = readFile(worker);
  if (!content) return content.takeError();
  workerHash = schedule::hashOf(*content);
  return Error::success();
}

// Each worker has a folder of its own: compilers that share the cache may be at the same kernel.
Expected<std::string> KernelStore::makeFolder(const Twine &prefix, const std::string &specJson) {
  SmallString<128> folder;
  if (auto code = sys::fs::createUniqueDirectory(prefix, folder))
    return createStringError("cannot make a folder in the kernel cache " + cacheDir + ": " +
                             code.message());
  if (Error error = writeFile((folder + "/spec.json").str(), specJson)) return error;
  if (Error error = writeFile((folder + "/target.json").str(), targetJson)) return error;
  return std::string(folder);
}

// Whoever finishes last replaces equal bytes. A failed folder stays, to be repeated.
Error KernelStore::runWorker(StringRef key, const std::string &specJson, StringRef schedule, StringRef name,
                             ArrayRef<Output> outputs) {
  std::string base = cacheDir + "/" + key.str();
  auto folder = makeFolder(base, specJson);
  if (!folder) return folder.takeError();
  auto inFolder = [&](StringRef file) { return (*folder + "/" + file).str(); };
  std::string spec = inFolder("spec.json"), target = inFolder("target.json"), log = inFolder("log");
  std::vector<std::string> arguments{worker,     spec,        "--target",      target,
                                     "--symbol", "k_" + key.str(), "--cpu-seconds", std::to_string(kSecondsLimit),
                                     "--memory-mb", std::to_string(kMegabytesLimit)};
  if (!schedule.empty()) arguments.insert(arguments.end(), {"--prefer", schedule.str()});
  for (const Output &output : outputs) {
    arguments.push_back("--" + output.option.str());
    arguments.push_back(inFolder(output.option));
  }
  std::vector<StringRef> argv(arguments.begin(), arguments.end());
  std::optional<StringRef> redirects[] = {StringRef(""), StringRef(log), StringRef(log)};
  std::string message;
  int status = sys::ExecuteAndWait(worker, argv, std::nullopt, redirects, kSecondsLimit * 2, 0, &message);
  if (status != 0) {
    auto said = readFile(log);
    std::string words = said ? StringRef(*said).trim().str() : (consumeError(said.takeError()), "");
    if (words.empty())
      words = !message.empty() ? message
              : status < 0     ? "the worker crashed"
                               : "the worker ended with status " + std::to_string(status);
    std::string repro;
    for (const std::string &argument : arguments) repro += " " + argument;
    return createStringError("kernel '" + name + "' failed to compile: " + words + "\nrepeat it with:" + repro);
  }
  for (const Output &output : outputs)
    if (auto code = sys::fs::rename(inFolder(output.option), base + output.suffix.str()))
      return createStringError("cannot write " + base + output.suffix.str() + ": " + code.message());
  sys::fs::remove_directories(*folder);
  return Error::success();
}

Expected<std::vector<CompiledKernel>>
KernelStore::compile(ArrayRef<schedule::KernelSpec> specs, ArrayRef<std::string> schedules,
                     ArrayRef<std::string> names, function_ref<void(size_t, size_t)> progress) {
  if (Error error = prepare()) return error;
  struct Job {
    std::string key, spec;
    size_t first;
  };
  std::vector<Job> jobs;
  StringMap<bool> seen;
  std::vector<std::string> keys;
  for (auto [index, spec] : enumerate(specs)) {
    std::string text = spec.toJson();
    keys.push_back(keyOf(text, schedules[index]));
    if (!seen.try_emplace(keys.back(), true).second) continue;
    std::string base = cacheDir + "/" + keys.back();
    if (!sys::fs::exists(base + ".o") || !sys::fs::exists(base + ".json"))
      jobs.push_back({keys.back(), text, index});
  }

  std::atomic<size_t> next = 0;
  std::mutex mutex;
  size_t done = 0;
  std::string failure;
  auto work = [&] {
    for (size_t job; (job = next++) < jobs.size();) {
      const Job &todo = jobs[job];
      // The info last: an entry with one is complete.
      Error error = runWorker(todo.key, todo.spec, schedules[todo.first], names[todo.first],
                              {{"object", ".o"}, {"info", ".json"}});
      std::lock_guard lock(mutex);
      if (error) {
        std::string text = toString(std::move(error));
        if (failure.empty()) failure = text;
        next = jobs.size();
      }
      progress(++done, jobs.size());
    }
  };
  std::vector<std::thread> threads;
  size_t workers = std::min<size_t>(jobs.size(), std::max(1u, std::thread::hardware_concurrency()));
  for (size_t i = 0; i < workers; ++i) threads.emplace_back(work);
  for (std::thread &thread : threads) thread.join();
  if (!failure.empty()) return createStringError(failure);

  std::vector<CompiledKernel> compiled;
  for (const std::string &key : keys) {
    std::string base = cacheDir + "/" + key;
    auto text = readFile(base + ".json");
    if (!text) return text.takeError();
    try {
      compiled.push_back({"k_" + key, base + ".o", schedule::KernelInfo::fromJson(*text)});
    } catch (const std::exception &error) {
      return createStringError("the kernel cache is damaged: " + base + ".json: " + error.what() +
                               "; remove " + cacheDir + " and compile again");
    }
  }
  return compiled;
}

Expected<std::vector<ListedCandidate>> KernelStore::candidates(const schedule::KernelSpec &spec, StringRef name) {
  if (Error error = prepare()) return error;
  auto folder = makeFolder(cacheDir + "/candidates", spec.toJson());
  if (!folder) return folder.takeError();
  std::string specPath = *folder + "/spec.json", target = *folder + "/target.json", list = *folder + "/list";
  StringRef argv[] = {worker, specPath, "--target", target, "--list-candidates"};
  std::optional<StringRef> redirects[] = {StringRef(""), StringRef(list), StringRef("")};
  std::string message;
  int status = sys::ExecuteAndWait(worker, argv, std::nullopt, redirects, kSecondsLimit, 0, &message);
  if (status != 0) return createStringError("cannot list the schedules of kernel '" + name + "': " + message);
  auto text = readFile(list);
  sys::fs::remove_directories(*folder);
  if (!text) return text.takeError();
  std::vector<ListedCandidate> candidates;
  for (StringRef line : split(StringRef(*text).trim(), '\n')) {
    SmallVector<StringRef> fields;
    line.split(fields, '\t');
    if (fields.size() != 3 || fields[1] != "fits") continue;
    candidates.push_back({fields[0].str(), 0});
    fields[2].getAsDouble(candidates.back().cycles);
  }
  return candidates;
}

Expected<std::string> KernelStore::print(const schedule::KernelSpec &spec, StringRef name, bool assembly) {
  if (Error error = prepare()) return error;
  std::string text = spec.toJson(), key = keyOf(text, "");
  Output kind = assembly ? Output{"assembly", ".s"} : Output{"stmt", ".stmt"};
  std::string output = cacheDir + "/" + key + kind.suffix.str();
  if (!sys::fs::exists(output))
    if (Error error = runWorker(key, text, "", name, kind)) return error;
  return readFile(output);
}

} // namespace nncc::codegen
