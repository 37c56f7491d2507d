// Runs whole programs, as a user would, and looks at status, output and files.
#include <gtest/gtest.h>
#include <png.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "../train/TinyData.h"

namespace {

using namespace nncc::tests;
namespace fs = std::filesystem;

struct Result {
  int status;  // 128 + signal if a signal ended it
  std::string out, err;
};

class Cli : public testing::Test {
 protected:
  Cli() { writeTinyData(folder); }

  // Runs a program in the test's folder, behind `environment` (assignments, another command).
  Result run(const std::string &arguments, const std::string &environment = "",
             const char *program = NNCC_TINY_TRAINER) const {
    std::string here = folder.path.string();
    std::string command = "cd '" + here + "' && " + environment + " '" + program + "' " + arguments +
                          " >'" + here + "/out.txt' 2>'" + here + "/err.txt'";
    int status = std::system(("exec 2>/dev/null; " + command).c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
            TemporaryFolder::read(folder / "out.txt"), TemporaryFolder::read(folder / "err.txt")};
  }

  std::string read(const std::string &name) const { return TemporaryFolder::read(folder / name); }

  void expectError(const Result &result, int status, const std::string &text,
                   const std::string &what = "") const {
    SCOPED_TRACE(what);
    EXPECT_EQ(result.status, status) << result.err;
    EXPECT_TRUE(result.err.starts_with("error: ")) << result.err;
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    EXPECT_NE(result.err.find(text), std::string::npos) << result.err;
  }

  void writePng(const std::string &name, int width, int height, unsigned char value = 90) const {
    std::vector<unsigned char> pixels(static_cast<size_t>(3 * width * height), value);
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = static_cast<unsigned>(width);
    image.height = static_cast<unsigned>(height);
    image.format = PNG_FORMAT_RGB;
    ASSERT_TRUE(png_image_write_to_file(&image, (folder / name).c_str(), 0, pixels.data(), 0, nullptr));
  }

  TemporaryFolder folder;
};

bool has(const std::string &text, const std::string &part) {
  return text.find(part) != std::string::npos;
}

TEST_F(Cli, TrainsByDefaultAndSaysWhatItDid) {
  Result result = run("--threads 2");
  EXPECT_EQ(result.status, 0) << result.err;
  for (const char *part :
       {"tiny: 18,508 parameters, 52 training images", "Planned memory:", "optimizer", "arena",
        "data set", "Epoch 1/3", "Epoch 3/3", "val_accuracy", "Accuracy on unseen test images: ",
        "Weights: ./tiny-run/weights.safetensors", "Curves: ./tiny-run/accuracy.svg",
        "Peak memory: "})
    EXPECT_TRUE(has(result.out, part)) << part << "\n" << result.out;
  EXPECT_EQ(result.err, "");
  EXPECT_TRUE(fs::exists(folder / "tiny-run/log.jsonl"));
  EXPECT_TRUE(fs::exists(folder / "tiny-run/checkpoint-00000021.nncc"));
  EXPECT_TRUE(fs::exists(folder / "tiny-run/checkpoint-00000014.nncc"));
  EXPECT_FALSE(fs::exists(folder / "tiny-run/checkpoint-00000007.nncc"));
  // A second run in the same folder starts anew.
  std::string weights = read("tiny-run/weights.safetensors");
  EXPECT_EQ(run("train --threads 1").status, 0);
  EXPECT_EQ(read("tiny-run/weights.safetensors"), weights);
}

TEST_F(Cli, FindsDataBelowTheFolderGiven) {
  fs::create_directories(folder / "elsewhere");
  fs::rename(folder / "tiny", folder / "elsewhere/tiny");
  expectError(run("--epochs 1"), 1, "tiny");
  EXPECT_EQ(run("--epochs 1 --data elsewhere").status, 0);
}

TEST_F(Cli, WrongUsageIsStatusTwo) {
  for (const char *arguments :
       {"features", "report", "trian", "--epochs 0", "--epochs -1", "--epochs many", "--seed -1",
        "--threads 0", "--threads 1.5", "--steps 0", "--nonsense", "train extra", "predict",
        "summary --data x", "--weights-in w --resume d", "bench --entry predict",
        "export --from a --out b", "train --data"})
    expectError(run(arguments), 2, "--help", arguments);
}

TEST_F(Cli, HelpAndVersionAreStatusZero) {
  Result help = run("--help");
  EXPECT_EQ(help.status, 0);
  for (const char *part : {"train", "evaluate", "predict", "summary", "export", "check-grad"})
    EXPECT_TRUE(has(help.out, part)) << part;
  EXPECT_FALSE(has(help.out, "bench"));
  EXPECT_EQ(run("train --help").status, 0);
  Result version = run("--version");
  EXPECT_EQ(version.status, 0);
  EXPECT_EQ(version.out, "tiny, compiled by nncc by hand for x86-64\n");
}

TEST_F(Cli, SummaryIsATable) {
  Result result = run("summary");
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.out, R"(Model: "tiny"
Layer (type)       Output Shape  Param #
----------------------------------------
flatten (flatten)  (None, 3072)        0
hidden (dense)     (None, 6)       18438
output (dense)     (None, 10)         70

Total params: 18,508 (74.0 KB)
Trainable params: 18,508
Non-trainable params: 0
)");
}

TEST_F(Cli, EvaluateGivesTheTrainersAccuracy) {
  Result trained = run("--epochs 2 --out r");
  Result evaluated = run("evaluate --out r");
  EXPECT_EQ(evaluated.status, 0) << evaluated.err;
  size_t at = trained.out.find("Accuracy on unseen test images: ");
  ASSERT_NE(at, std::string::npos);
  std::string line = trained.out.substr(at, trained.out.find('\n', at) + 1 - at);
  EXPECT_TRUE(has(evaluated.out, line)) << evaluated.out;
  EXPECT_TRUE(has(evaluated.out, "Loss on unseen test images: "));
  EXPECT_TRUE(has(run("evaluate --weights r/weights.safetensors").out, line));
  expectError(run("evaluate"), 1, "train the model first");
  expectError(run("evaluate --weights r/log.jsonl"), 1, "r/log.jsonl");

  folder.write("tiny/batches.meta.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
  expectError(run("evaluate --out r"), 1, "other classes");
}

TEST_F(Cli, PredictPrintsTheLikeliestClasses) {
  run("--epochs 1 --out r");
  std::string files;
  for (int i = 0; i < 11; ++i) {  // more than a batch
    writePng("image" + std::to_string(i) + ".png", 32, 32);
    files += " image" + std::to_string(i) + ".png";
  }
  Result result = run("predict --out r" + files);
  EXPECT_EQ(result.status, 0) << result.err;
  std::vector<std::string> lines;
  for (size_t at = 0; at < result.out.size(); at = result.out.find('\n', at) + 1)
    lines.push_back(result.out.substr(at, result.out.find('\n', at) - at));
  ASSERT_EQ(lines.size(), 11u * 6);
  for (int i = 0; i < 11; ++i) {
    EXPECT_EQ(lines[6 * i], "image" + std::to_string(i) + ".png");
    double last = 100;
    for (int k = 1; k <= 5; ++k) {
      double percent = std::atof(lines[6 * i + k].c_str());
      EXPECT_LE(percent, last);
      EXPECT_GT(percent, 0);
      last = percent;
      // The same image gives the same numbers wherever in a batch it is.
      EXPECT_EQ(lines[6 * i + k], lines[k]);
    }
  }
  const char *classes[] = {"airplane", "automobile", "bird",  "cat",  "deer",
                           "dog",      "frog",       "horse", "ship", "truck"};
  EXPECT_TRUE(std::any_of(std::begin(classes), std::end(classes),
                          [&](const char *name) { return lines[1].ends_with(name); }))
      << lines[1];

  writePng("large.png", 40, 32);
  expectError(run("predict --out r image0.png large.png"), 1, "large.png");
  expectError(run("predict --out r missing.png"), 1, "missing.png");
  expectError(run("predict image0.png"), 1, "train the model first");
}

TEST_F(Cli, ExportWritesTheWeightsOfACheckpoint) {
  run("--out r");
  EXPECT_EQ(run("export --out r -o e1.safetensors").status, 0);
  EXPECT_EQ(read("e1.safetensors"), read("r/weights.safetensors"));
  EXPECT_EQ(run("export --from r/weights.safetensors -o e2.safetensors").status, 0);
  EXPECT_EQ(read("e2.safetensors"), read("r/weights.safetensors"));
  EXPECT_EQ(run("export --from r/checkpoint-00000014.nncc -o e3.safetensors").status, 0);
  EXPECT_NE(read("e3.safetensors"), read("r/weights.safetensors"));
  EXPECT_EQ(run("train --weights-in e3.safetensors --steps 1 --out s").status, 0);
  expectError(run("train --weights-in r/checkpoint-00000014.nncc --out s"), 1, "export");
  expectError(run("export --out nowhere"), 1, "nowhere");
  expectError(run("export --out r -o no/such/folder/e"), 1, "no/such/folder/e");
}

TEST_F(Cli, AnInterruptLeavesACheckpointAndStatus130) {
  ASSERT_EQ(run("--out whole").status, 0);
  for (int number : {2, 15}) {  // SIGINT, SIGTERM
    std::string out = "cut" + std::to_string(number);
    Result cut = run("--out " + out, "TINY_SIGNAL=10:" + std::to_string(number));
    EXPECT_EQ(cut.status, 130) << cut.err;
    EXPECT_TRUE(has(cut.out, "after 10 steps; checkpoint " + out + "/checkpoint-00000010.nncc"))
        << cut.out;
    EXPECT_TRUE(has(cut.out, "--resume " + out)) << cut.out;
    Result rest = run("--resume " + out);
    EXPECT_EQ(rest.status, 0) << rest.err;
    EXPECT_TRUE(has(rest.out, "Resuming from " + out + "/checkpoint-00000010.nncc")) << rest.out;
    EXPECT_EQ(read(out + "/weights.safetensors"), read("whole/weights.safetensors"));
  }
}

TEST_F(Cli, ASecondInterruptEndsAtOnce) {
  Result result = run("--out r", "TINY_SIGNAL=10:2:2");
  EXPECT_EQ(result.status, 130);
  EXPECT_FALSE(fs::exists(folder / "r/checkpoint-00000010.nncc"));
  EXPECT_TRUE(fs::exists(folder / "r/checkpoint-00000007.nncc"));
}

TEST_F(Cli, KillingItLosesNothingButTheEpoch) {
  ASSERT_EQ(run("--out whole").status, 0);
  for (int step : {8, 13, 14, 15, 20, 21}) {
    std::string out = "killed" + std::to_string(step);
    Result killed = run("--out " + out, "TINY_SIGNAL=" + std::to_string(step) + ":9");
    EXPECT_EQ(killed.status, 128 + 9);
    EXPECT_EQ(run("--resume " + out + " --threads 3").status, 0);
    EXPECT_EQ(read(out + "/weights.safetensors"), read("whole/weights.safetensors")) << step;
  }
}

// Signals from outside, at moments that nobody chose.
TEST_F(Cli, InterruptsFromOutsideAtAnyMoment) {
  ASSERT_EQ(run("--out whole").status, 0);
  int interrupted = 0;
  for (int milliseconds : {20, 50, 80, 110, 140, 170}) {
    std::string delay = "0." + std::string(milliseconds < 100 ? "0" : "") + std::to_string(milliseconds);
    fs::remove_all(folder / "r");
    Result cut = run("--out r", "TINY_SLEEP=8 timeout --preserve-status -s INT " + delay);
    ASSERT_TRUE(cut.status == 130 || cut.status == 0) << cut.status << cut.err;
    bool resumable = fs::exists(folder / "r") && has(cut.out, "checkpoint");
    if (!resumable) continue;  // before the first step there is nothing to save
    ++interrupted;
    ASSERT_EQ(run("--resume r").status, 0);
    EXPECT_EQ(read("r/weights.safetensors"), read("whole/weights.safetensors")) << milliseconds;
  }
  EXPECT_GT(interrupted, 0);
}

TEST_F(Cli, ALossThatIsNoNumberIsOneLine) {
  run("--steps 1 --out r --weights-out w.safetensors");
  std::string weights = read("w.safetensors");
  for (size_t i = weights.size() - 40; i < weights.size(); ++i) weights[i] = '\xff';
  folder.write("w.safetensors", weights);
  Result result = run("--weights-in w.safetensors --out s");
  expectError(result, 1, "the loss is");
  EXPECT_TRUE(has(result.out, "warning: 'w.safetensors': 10 of 10 values of 'output.bias'"))
      << result.out;
}

TEST_F(Cli, EnrollsAndForgetsClasses) {
  const std::string embeds = "TINY_EMBEDS=1";
  ASSERT_EQ(run("--epochs 1 --out r", embeds).status, 0);
  writePng("dark.png", 32, 32, 10);
  writePng("less-dark.png", 32, 32, 14);
  writePng("light.png", 32, 32, 250);
  // Without classes predict gives the embedding.
  EXPECT_TRUE(has(run("predict --out r dark.png", embeds).out, "  output:"));
  Result enrolled = run("enroll dark dark.png --out r", embeds);
  EXPECT_EQ(enrolled.status, 0) << enrolled.err;
  EXPECT_EQ(enrolled.out, "Enrolled 1 example of 'dark'\nr/references.safetensors: dark (1 example)\n");
  EXPECT_TRUE(has(run("enroll light light.png --out r", embeds).out, "dark (1 example), light (1 example)"));
  EXPECT_TRUE(has(run("enroll dark less-dark.png --out r", embeds).out, "which had 1 example"));
  Result predicted = run("predict --out r light.png dark.png", embeds);
  EXPECT_EQ(predicted.out, "light.png\n   0.0000  light\ndark.png\n   0.0000  dark\n");
  EXPECT_TRUE(has(predicted.err, "note: no distance is known"));
  std::string kept = read("r/references.safetensors");

  expectError(run("forget grey --out r", embeds), 1, "no class 'grey' is enrolled in 'r/references.safetensors'; there are dark, light");
  EXPECT_EQ(read("r/references.safetensors"), kept);
  EXPECT_TRUE(has(run("forget dark --out r", embeds).out, "Forgot 2 examples of 'dark'\n"));
  EXPECT_TRUE(has(run("predict --out r dark.png", embeds).out, "light\n"));
  expectError(run("enroll no missing.png --out r", embeds), 1, "missing.png");
  expectError(run("enroll '' dark.png --out r", embeds), 1, "no name");

  // A file elsewhere; one that is damaged; one of other weights.
  EXPECT_EQ(run("enroll x dark.png --out r --references elsewhere/mine", embeds).status, 0);
  EXPECT_TRUE(has(run("predict light.png --out r --references elsewhere/mine", embeds).out, "  x\n"));
  std::string damaged = kept;
  damaged[damaged.size() - 2] ^= 1;
  folder.write("bad", damaged);
  expectError(run("predict light.png --out r --references bad", embeds), 1, "'bad' is damaged");
  expectError(run("enroll x light.png --out r --references bad", embeds), 1, "'bad' is damaged");
  ASSERT_EQ(run("--epochs 1 --out other --seed 2", embeds).status, 0);
  expectError(run("predict light.png --out other --references r/references.safetensors", embeds), 1,
              "holds references that other weights made");
  // A model of classes has no such commands.
  expectError(run("enroll dark dark.png --out r"), 2, "--help");
}

TEST_F(Cli, CheckGradIsForDoublePrecisionPrograms) {
  expectError(run("check-grad"), 1, "nncc check-grad");
  Result right = run("check-grad --threads 2", "", NNCC_TINY_TRAINER64);
  EXPECT_EQ(right.status, 0) << right.out << right.err;
  EXPECT_TRUE(has(right.out, "all 4 gradients are right")) << right.out;
  EXPECT_TRUE(has(right.out, "real samples of")) << right.out;
  Result random = run("check-grad --elements 5", "cd tiny &&", NNCC_TINY_TRAINER64);
  EXPECT_EQ(random.status, 0) << random.out << random.err;
  EXPECT_TRUE(has(random.out, "random inputs")) << random.out;
  Result wrong = run("check-grad", "TINY_BUG=1", NNCC_TINY_TRAINER64);
  EXPECT_EQ(wrong.status, 1);
  EXPECT_TRUE(has(wrong.out, "1 of 4 gradients are wrong")) << wrong.out;
  EXPECT_TRUE(has(wrong.out, "WRONG")) << wrong.out;
  expectError(run("check-grad --data nowhere", "", NNCC_TINY_TRAINER64), 1, "nowhere");
}

TEST_F(Cli, BenchPrintsOneLineOfJson) {
  for (const char *entry : {"train", "evaluate"}) {
    Result result = run(std::string("bench --steps 5 --warmup 1 --threads 2 --entry ") + entry);
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 1);
    auto json = nlohmann::json::parse(result.out);
    EXPECT_EQ(json["entry"], entry);
    EXPECT_EQ(json["threads"], 2);
    EXPECT_EQ(json["batch"], 8);
    EXPECT_GT(json["us_per_sample"]["min"], 0);
    EXPECT_GE(json["us_per_sample"]["median"], json["us_per_sample"]["min"]);
    EXPECT_GE(json["us_per_sample"]["max"], json["us_per_sample"]["median"]);
    EXPECT_GT(json["peak_rss_bytes"], 1000000);
  }
}

TEST_F(Cli, OutputThatCannotBeWrittenIsAnError) {
  int status = std::system("'" NNCC_TINY_TRAINER "' summary >/dev/full 2>/dev/null");
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 1);
}

}  // namespace
