// What a generated program and the runtime library share.
//
// The compiler emits one constant `nncc_program` (an NnccProgram) and the entry
// functions it points to; the runtime reads nothing else of the model. Plain C structs,
// so that both sides agree without sharing a compiler. Every pointer is to constant
// data of the program unless said otherwise; every count is the length of the array
// before or beside it; absent strings and arrays are null with count 0.
//
// Layouts: tensors are dense, row-major, channels last (NHWC); weights have Keras's
// shapes (HWIO for convolutions, [in, out] for dense layers). Sizes are in bytes where
// the name says `bytes` or `offset`, else in elements. Offsets are multiples of
// NNCC_ALIGNMENT, and so are all base pointers that the runtime passes.
#ifndef NNCC_ABI_H
#define NNCC_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NNCC_ABI_MAGIC 0x43434e4eu  // "NNCC"
#define NNCC_ABI_VERSION 4
// Workers' rows of NnccCall.ticks start at multiples of so many: each has cache lines of its own.
#define NNCC_TICKS_ALIGNMENT 8
#define NNCC_ALIGNMENT 64

typedef enum NnccElementType {
  NNCC_U8 = 0,
  NNCC_I32 = 1,
  NNCC_I64 = 2,
  NNCC_F32 = 3,
  NNCC_F64 = 4,
} NnccElementType;

// One scalar or string option of a reader, loss, metric, ... as written in the YAML with
// its default filled in. `text` is always set (numbers in shortest round-trip form; the items
// of a list one behind the other, NNCC_LIST_SEPARATOR between them).
#define NNCC_LIST_SEPARATOR "\x1f"
typedef struct NnccOption {
  const char *key;
  const char *text;
  double number;  // NaN where the option is not a number; booleans are 0 and 1
} NnccOption;

// A named thing of the YAML with its options: `image_folder: cifar10/train` becomes
// {"image_folder", {{"path", "cifar10/train"}}}.
typedef struct NnccComponent {
  const char *kind;  // null: the section is absent
  const NnccOption *options;
  int32_t num_options;
} NnccComponent;

// A tensor that crosses the border between runtime and generated code. Dimension 0 of an
// input or output is the number of samples; `shape` leaves it out.
typedef struct NnccTensor {
  const char *name;
  int32_t type;  // NnccElementType
  int32_t rank;
  const int64_t *shape;
} NnccTensor;

typedef struct NnccParameter {
  NnccTensor tensor;          // named "layer.weight": "conv2d.kernel", "dense_1.bias"
  int64_t offset;             // in the parameter block
  NnccComponent initializer;  // Keras's names: glorot_uniform, zeros, ones, constant, ...
  int64_t fan_in, fan_out;    // for the initializer's scale
  int32_t trainable;
  double l1, l2;  // the loss includes l1 sum|w| + l2 sum w^2; the gradients have theirs of it
} NnccParameter;

// What an optimizer keeps for a parameter ("adam.m.conv2d.kernel"). "ema.NAME" is the moving
// average of the parameter NAME.
typedef struct NnccSlot {
  NnccTensor tensor;
  int64_t offset;  // in the state block
  double initial;  // every element at the start
} NnccSlot;

// One line of `summary`. A layer that FEATURES has no output for only shows its first input
// (a layer, or an input of the model) in its own shape: a flatten.
typedef struct NnccLayer {
  const char *name;
  const char *kind;    // the YAML's word: conv2d, max_pool2d, ...
  const char *inputs;  // names joined by ", "
  int32_t rank;
  const int64_t *shape;  // of one sample's output
  int64_t parameters;
} NnccLayer;

typedef struct NnccPool NnccPool;  // the runtime's threads
typedef struct NnccCall NnccCall;

// One task of a stage. `worker` is below NnccCall.workers and never the same in two tasks
// that run at the same time: it picks the worker's part of the arena.
typedef void (*NnccTask)(const NnccCall *call, int32_t task, int32_t worker);

// Runs tasks 0..tasks-1, each once, on the pool's threads and returns when all are done.
// The order is unspecified, so a task may depend on none of the others.
typedef void (*NnccRunTasks)(NnccPool *pool, int32_t tasks, NnccTask task,
                             const NnccCall *call);

// The arguments of one call of an entry function.
struct NnccCall {
  int32_t samples;   // in this batch: 1 <= samples <= NnccEntry.batch
  int32_t workers;   // threads of the pool; the arena is sized for as many
  const void *const *inputs;  // one per NnccEntry.inputs
  void *const *outputs;       // one per NnccEntry.outputs
  void *parameters;           // parameter block; written by a training step only
  void *state;                // optimizer slots; null where the entry has no update
  void *arena;                // arena_bytes + workers * worker_bytes, contents arbitrary
  double learning_rate;
  int64_t iteration;  // steps (batches) done before this one plus 1
  uint64_t seed;      // of counter-based random numbers (dropout)
  const int32_t *sample_ids;  // of each sample its number in the data set; a training step reads it
  NnccRunTasks run_tasks;
  NnccPool *pool;
  // Updates of the parameters done before this one plus 1: Adam's t. `iteration` where every
  // step is an update.
  int64_t update;
  // Ticks of the time-stamp counter that kernels took, added up: [workers][kernels], kernels rounded
  // up to NNCC_TICKS_ALIGNMENT. Read and written by programs that have NnccProgram.kernels.
  uint64_t *ticks;
};

typedef enum NnccEntryKind {
  NNCC_TRAIN_STEP = 0,  // outputs: loss, its parts, metrics; updates parameters and state
  NNCC_EVALUATE = 1,    // outputs: the same, then outputs of the model for metrics over all samples
  NNCC_PREDICT = 2,     // outputs: the model's outputs
  NNCC_GRADIENTS = 3,   // outputs: loss, then one gradient per trainable parameter
  // Like TRAIN_STEP, but only adds the gradients to those of the steps since the last update.
  // The `gradient_accumulation_steps`-th step is a TRAIN_STEP, those before it are this.
  NNCC_ACCUMULATE = 4,
  NNCC_FEATURES = 5,    // outputs: the values of layers, named by them; see NnccProgram.layers
} NnccEntryKind;

// A compiled function. Inputs are the model's inputs and then, where the kind has a loss,
// its targets. Behind a target that samples may lack stands one of rank 0 in the same type, called like it with
// ".present" behind: 1, or 0 for a sample without that target, whose values are zeros then. Behind an input whose samples have only some of its steps stand its lengths, i32 of rank 0,
// called like it with ".lengths" behind: from 1 to its first dimension. The steps beyond are zeros. The loss (the sum), the losses that it is the sum of where there are several,
// and the metrics are one number a sample, [samples]: outputs of rank 0, which come first. The
// runtime adds them up in sample order. The loss of a sample is not divided by the batch.
typedef struct NnccEntry {
  int32_t kind;   // NnccEntryKind
  int32_t batch;  // most samples a call may have
  const NnccTensor *inputs;
  int32_t num_inputs;
  const NnccTensor *outputs;
  int32_t num_outputs;
  int64_t arena_bytes;   // shared by all workers
  int64_t worker_bytes;  // for each worker
  void (*run)(const NnccCall *call);
  // For each output the input, one of the ".present", that says which samples count in it; those that don't have
  // some number there too. -1: all count. In the loss itself what samples lack counts as 0, and the parts of the
  // others are scaled up, so that its mean has the means over them. Null: all count in all.
  const int32_t *present;
} NnccEntry;

// An output that has a loss.
typedef struct NnccJudged {
  NnccTensor output;   // one of PREDICT's outputs
  NnccComponent loss;  // "sparse_categorical_crossentropy"
  double weight;       // in the sum of the losses
  int32_t target;      // the target, an index into the inputs of the entries that have a loss
} NnccJudged;

// A metric that is no mean over samples, from an output and its target.
typedef struct NnccOverallMetric {
  const char *name;  // as it is shown: "auc", or "OUTPUT_auc" where several outputs have a loss
  NnccComponent metric;
  int32_t judged;  // whose: an index into NnccTrain.judged
  int32_t scores;  // the output, an index into EVALUATE's outputs
} NnccOverallMetric;

// What training is about; in a model of fixed weights, which has neither TRAIN_STEP nor EVALUATE,
// nothing is judged and the optimizer is absent.
typedef struct NnccTrain {
  const NnccJudged *judged;
  int32_t num_judged;
  const NnccOverallMetric *overall_metrics;
  int32_t num_overall_metrics;
  NnccComponent optimizer;  // "adam" with learning_rate, ...
  int32_t batch_size;
  int32_t epochs;
  // The schedule in place of the optimizer's learning_rate, if there is one.
  NnccComponent learning_rate;
  int32_t gradient_accumulation_steps;  // steps that make one update; 0 is 1
  double ema_decay;  // 0: none; else evaluations and saved weights take the averages (NnccSlot)
  NnccComponent reduce_lr_on_plateau, early_stopping, keep_best;  // where the YAML has them
  NnccComponent batches;  // what samples are put together by, if not by chance (data/Batches.h: Grouping)
} NnccTrain;

// The readers of the three parts. `validation` and `test` may be absent, or be taken from the
// training reader's samples: {"fraction", {{"fraction", 0.2}}} or {"group", {{"column", ...},
// {"values", ...}}}.
typedef struct NnccData {
  NnccComponent train, validation, test;
  NnccComponent augment;  // how samples of `train` are varied (data/Augmentation.h); may be absent
} NnccData;

// A weights file of other origin that training starts from.
typedef struct NnccWeights {
  const char *path;          // relative to the data folder; null: there is none
  const char *layout;        // "keras" or "pytorch": whose names and axes
  const NnccOption *rename;  // key: the file's name, text: ours; both may have one '*'
  int32_t num_rename;
  const char *const *skip;   // patterns of weights to leave alone and of tensors to pass over
  int32_t num_skip;
} NnccWeights;

// Of an input whose numbers are indices of embeddings: for each element of a sample how many rows
// the table has, 0 where it is any number. Readers hold the data to it.
typedef struct NnccLimits {
  const char *input;
  const int64_t *limits;
  int64_t count;
} NnccLimits;

typedef struct NnccProgram {
  uint32_t magic;    // NNCC_ABI_MAGIC
  uint32_t version;  // NNCC_ABI_VERSION
  const char *name;
  const char *compiler;  // version of nncc
  const char *target;    // "x86-64-v4 (avx512)" as shown to the user
  // Instruction-set features that the kernels use, comma-separated ("avx2,fma"): checked
  // against the CPU at start, so that a wrong machine gets a sentence instead of SIGILL.
  const char *required_features;
  const NnccLayer *layers;
  int32_t num_layers;
  const NnccParameter *parameters;
  int32_t num_parameters;
  int64_t parameter_bytes;
  const NnccSlot *slots;
  int32_t num_slots;
  int64_t state_bytes;
  const NnccEntry *entries;
  int32_t num_entries;
  NnccTrain train;
  NnccData data;
  const char *data_dir;  // folder of the YAML, where relative data paths start by default
  // Hash of everything that gives weights and state their meaning; checkpoints carry it.
  uint64_t fingerprint;
  NnccWeights weights;
  const NnccLimits *limits;
  int32_t num_limits;
  // Calls of kernels in all entries, in the order in which they stand, of a program that counts what each
  // takes (`nncc bench --kernels`); else 0.
  int32_t kernels;
} NnccProgram;

extern const NnccProgram nncc_program;

#ifdef __cplusplus
}
#endif

#endif  // NNCC_ABI_H
