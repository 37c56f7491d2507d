//===- ProgramConstants.cpp - the NnccProgram of a model -------------------===//
//
// Builds the structs of runtime/abi.h member by member; LLVM's layout of a struct of
// pointers, 32-bit and 64-bit integers and doubles is C's.
//
//===----------------------------------------------------------------------===//
#include "codegen/ProgramConstants.h"
#include "abi.h"
#include "codegen/StepLowering.h"
#include "codegen/Target.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Module.h"
#include <charconv>
#include <cmath>

using namespace llvm;
using mlir::ArrayAttr;
using mlir::DictionaryAttr;
using mlir::StringAttr;

namespace nncc::codegen {

namespace {

std::string shortest(double number) {
  char text[64];
  auto end = std::to_chars(text, text + sizeof text, number).ptr;
  return std::string(text, end);
}

// Numbers as the text of an NnccOption.
template <typename Numbers> std::string listOf(const Numbers &numbers) {
  std::string text;
  for (double each : numbers) {
    if (!text.empty()) text += NNCC_LIST_SEPARATOR;
    text += shortest(each);
  }
  return text;
}

NnccElementType elementOf(mlir::Type type) {
  if (type.isF32()) return NNCC_F32;
  if (type.isF64()) return NNCC_F64;
  if (type.isUnsignedInteger(8)) return NNCC_U8;
  return type.isInteger(32) ? NNCC_I32 : NNCC_I64;
}

class Writer {
public:
  Writer(Module &module, nn::ProgramOp program, const Layout &layout, const schedule::Target &target,
         StringRef dataDir, int64_t kernels)
      : module(module), context(module.getContext()), program(program), layout(layout), target(target),
        dataDir(dataDir), kernels(kernels),
        null(ConstantPointerNull::get(PointerType::get(context, 0))) {}

  void write() {
    Constant *layers = array(map_to_vector(program.getLayers(), [&](mlir::Attribute a) { return layer(cast<DictionaryAttr>(a)); }));
    SmallVector<Constant *> parameters, slots, entries;
    for (auto op : program.getOps<nn::ParameterOp>()) parameters.push_back(parameter(op));
    for (auto op : program.getOps<nn::SlotOp>())
      slots.push_back(record({tensor(op.getSymName(), op.getType(), false), i64(layout.of(op.getSymName()).offset),
                              number(op.getInitialAttr())}));
    for (auto op : program.getOps<mlir::func::FuncOp>()) entries.push_back(entry(op));

    SmallVector<Constant *> limits = inputLimits();

    DictionaryAttr train = program.getTrain(), data = program.getData();
    Constant *value = record({
        i32(NNCC_ABI_MAGIC), i32(NNCC_ABI_VERSION), string(program.getSymName()), string("nncc " NNCC_VERSION),
        string(describe(target)), string(requiredFeatures(target)),
        layers, i32(program.getLayers().size()),
        array(parameters), i32(parameters.size()), i64(layout.parameterBytes),
        array(slots), i32(slots.size()), i64(layout.stateBytes),
        array(entries), i32(entries.size()),
        trainSection(train),
        record({component(data, "train"), component(data, "validation"), component(data, "test"),
                component(data, "augment")}),
        string(dataDir),
        i64(fingerprint()),
        weightsSection(program.getWeightsAttr()),
        array(limits), i32(limits.size()),
        i32(kernels),
    });
    auto *global = new GlobalVariable(module, value->getType(), true, GlobalValue::ExternalLinkage, value, "nncc_program");
    global->setAlignment(Align(16));
  }

private:
  Constant *i32(int64_t value) { return ConstantInt::get(Type::getInt32Ty(context), value, false, true); }
  Constant *i64(uint64_t value) { return ConstantInt::get(Type::getInt64Ty(context), value); }
  Constant *f64(double value) { return ConstantFP::get(Type::getDoubleTy(context), value); }

  // Zero where it is absent.
  Constant *number(mlir::FloatAttr value) { return f64(value ? value.getValueAsDouble() : 0); }

  Constant *record(ArrayRef<Constant *> members) { return ConstantStruct::getAnon(context, members); }

  Constant *global(Constant *value, StringRef name) {
    auto *variable = new GlobalVariable(module, value->getType(), true, GlobalValue::PrivateLinkage, value, name);
    variable->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
    return variable;
  }
  Constant *string(StringRef text) {
    Constant *&known = strings[text];
    if (!known) known = global(ConstantDataArray::getString(context, text), "nncc.text");
    return known;
  }
  // Pointer to constant records of one type, null for none.
  Constant *array(ArrayRef<Constant *> records) {
    if (records.empty()) return null;
    auto *type = ArrayType::get(records[0]->getType(), records.size());
    return global(ConstantArray::get(type, records), "nncc.table");
  }
  Constant *integers(ArrayRef<int64_t> values) {
    return array(map_to_vector(values, [&](int64_t value) { return i64(value); }));
  }

  // NnccTensor; `batched`: without dimension 0.
  Constant *tensor(StringRef name, mlir::Type type, bool batched) {
    auto ranked = cast<mlir::RankedTensorType>(type);
    auto dims = ranked.getShape().drop_front(batched);
    return record({string(name), i32(elementOf(ranked.getElementType())), i32(dims.size()), integers(dims)});
  }

  Constant *option(StringRef key, mlir::Attribute value) {
    std::string text;
    double number = std::nan("");
    if (auto words = dyn_cast<StringAttr>(value)) {
      text = words.getValue();
    } else if (auto list = dyn_cast<mlir::ArrayAttr>(value)) {
      for (mlir::Attribute item : list) {
        if (!text.empty()) text += NNCC_LIST_SEPARATOR;
        text += cast<StringAttr>(item).getValue();
      }
    } else if (auto flag = dyn_cast<mlir::BoolAttr>(value)) {
      number = flag.getValue();
      text = flag.getValue() ? "true" : "false";
    } else if (auto integer = dyn_cast<mlir::IntegerAttr>(value)) {
      number = integer.getInt();
      text = std::to_string(integer.getInt());
    } else if (auto numbers = dyn_cast<mlir::DenseElementsAttr>(value)) {
      text = listOf(numbers.getValues<double>());
    } else if (auto numbers = dyn_cast<mlir::DenseF64ArrayAttr>(value)) {
      text = listOf(numbers.asArrayRef());
    } else {
      number = cast<mlir::FloatAttr>(value).getValueAsDouble();
      text = shortest(number);
    }
    return record({string(key), string(text), f64(number)});
  }

  // NnccComponent of a dictionary with `name` and options.
  Constant *component(DictionaryAttr dictionary) {
    if (!dictionary) return record({null, null, i32(0)});
    SmallVector<Constant *> options;
    for (mlir::NamedAttribute attribute : dictionary)
      // A component in a component (a learning-rate schedule) has its own place in the tables.
      if (attribute.getName() != "name" && !isa<DictionaryAttr>(attribute.getValue()))
        options.push_back(option(attribute.getName(), attribute.getValue()));
    return record({string(dictionary.getAs<StringAttr>("name")), array(options), i32(options.size())});
  }
  Constant *component(DictionaryAttr section, StringRef key) {
    return component(section.getAs<DictionaryAttr>(key));
  }

  Constant *layer(DictionaryAttr layer) {
    auto dims = layer.getAs<mlir::DenseI64ArrayAttr>("shape").asArrayRef();
    return record({string(layer.getAs<StringAttr>("name")), string(layer.getAs<StringAttr>("kind")),
                   string(layer.getAs<StringAttr>("inputs")), i32(dims.size()), integers(dims),
                   i64(layer.getAs<mlir::IntegerAttr>("parameters").getInt())});
  }

  Constant *parameter(nn::ParameterOp op) {
    return record({tensor(op.getSymName(), op.getType(), false), i64(layout.of(op.getSymName()).offset),
                   component(op.getInitializer()), i64(op.getFanIn()), i64(op.getFanOut()), i32(op.getTrainable()),
                   number(op.getL1Attr()), number(op.getL2Attr())});
  }

  Constant *entry(mlir::func::FuncOp op) {
    StringRef kind = op->getAttrOfType<StringAttr>(nn::kEntryAttr).getValue();
    int32_t number = StringSwitch<int32_t>(kind)
                         .Case("train_step", NNCC_TRAIN_STEP)
                         .Case("evaluate", NNCC_EVALUATE)
                         .Case("predict", NNCC_PREDICT)
                         .Case("gradients", NNCC_GRADIENTS)
                         .Case("accumulate", NNCC_ACCUMULATE)
                         .Case("features", NNCC_FEATURES)
                         .Default(-1);
    assert(number >= 0 && "an entry kind that the ABI does not know");
    SmallVector<Constant *> inputs, outputs;
    for (auto argument : op.getArguments()) {
      auto attribute = [&](StringRef name) { return op.getArgAttrOfType<StringAttr>(argument.getArgNumber(), name); };
      StringRef role = attribute(nn::kRoleAttr);
      if (role == nn::role::kInput || role == nn::role::kTarget)
        inputs.push_back(tensor(attribute(nn::kNameAttr), argument.getType(), true));
    }
    SmallVector<Constant *> present;
    for (unsigned i = 0; i < op.getNumResults(); ++i) {
      StringAttr name = op.getResultAttrOfType<StringAttr>(i, nn::kNameAttr);
      auto target = op.getResultAttrOfType<StringAttr>(i, nn::kPresentAttr);
      present.push_back(i32(target ? dataOf(op, target) : -1));
      bool perParameter = program.lookupSymbol<nn::ParameterOp>(name) != nullptr;
      outputs.push_back(tensor(name, op.getResultTypes()[i], !perParameter));
    }
    // A program that was not planned has neither memory nor functions (ProgramTables.h).
    auto bytes = [&](StringRef name) {
      auto planned = op->getAttrOfType<mlir::IntegerAttr>(name);
      return i64(planned ? planned.getInt() : 0);
    };
    Constant *function = module.getFunction(entrySymbol(op));
    return record({i32(number), i32(program.getBatch()), array(inputs), i32(inputs.size()), array(outputs),
                   i32(outputs.size()), bytes(kernel::kArenaBytesAttr), bytes(kernel::kWorkerBytesAttr),
                   function ? function : null, array(present)});
  }

  // The number among an entry's inputs and targets of the one of that name; -1 where there is none.
  static int64_t dataOf(mlir::func::FuncOp op, StringRef name) {
    int64_t number = 0;
    for (unsigned i = 0; op && i < op.getNumArguments(); ++i) {
      StringRef role = op.getArgAttrOfType<StringAttr>(i, nn::kRoleAttr);
      if (role != nn::role::kInput && role != nn::role::kTarget) continue;
      if (op.getArgAttrOfType<StringAttr>(i, nn::kNameAttr).getValue() == name) return number;
      ++number;
    }
    return -1;
  }

  // NnccLimits of the inputs that have some. All entries have the same inputs.
  SmallVector<Constant *> inputLimits() {
    SmallVector<Constant *> all;
    auto entries = program.getOps<mlir::func::FuncOp>();
    if (entries.empty()) return all;
    mlir::func::FuncOp op = *entries.begin();
    for (unsigned i = 0; i < op.getNumArguments(); ++i)
      if (auto limits = op.getArgAttrOfType<mlir::DenseI64ArrayAttr>(i, nn::kLimitsAttr))
        all.push_back(record({string(op.getArgAttrOfType<StringAttr>(i, nn::kNameAttr)), integers(limits), i64(limits.size())}));
    return all;
  }

  mlir::func::FuncOp entryOf(StringRef kind) {
    for (auto op : program.getOps<mlir::func::FuncOp>())
      if (op->getAttrOfType<StringAttr>(nn::kEntryAttr).getValue() == kind) return op;
    return {};
  }

  // The number of the result of that name; -1 where there is none.
  static int64_t resultOf(mlir::func::FuncOp op, StringRef name) {
    for (unsigned i = 0; op && i < op.getNumResults(); ++i)
      if (auto known = op.getResultAttrOfType<StringAttr>(i, nn::kNameAttr); known && known.getValue() == name)
        return i;
    return -1;
  }

  // The outputs with a loss, in the order of the targets, each with loss and metrics: what
  // `train` says by output, or what it says of the first.
  struct Judged {
    StringRef output;
    double weight;
    DictionaryAttr criteria;
  };
  SmallVector<Judged> judgedOutputs(DictionaryAttr train) {
    SmallVector<Judged> all;
    if (auto outputs = train.getAs<ArrayAttr>("outputs"))
      for (auto output : outputs.getAsRange<DictionaryAttr>())
        all.push_back({output.getAs<StringAttr>("name"),
                       output.getAs<mlir::FloatAttr>("weight").getValueAsDouble(), output});
    else if (auto predict = entryOf("predict"); predict && train.get("loss"))
      all.push_back({predict.getResultAttrOfType<StringAttr>(0, nn::kNameAttr), 1, train});
    return all;
  }

  Constant *trainSection(DictionaryAttr train) {
    auto predict = entryOf("predict"), evaluate = entryOf("evaluate");
    SmallVector<StringRef> targets; // of the outputs with a loss, in their order
    for (unsigned i = 0; evaluate && i < evaluate.getNumArguments(); ++i) {
      auto name = evaluate.getArgAttrOfType<StringAttr>(i, nn::kNameAttr);
      if (evaluate.getArgAttrOfType<StringAttr>(i, nn::kRoleAttr) == nn::role::kTarget &&
          !name.getValue().ends_with(nn::kPresentSuffix))
        targets.push_back(name);
    }
    SmallVector<Constant *> judged, overall;
    SmallVector<Judged> outputs = judgedOutputs(train);
    for (auto [index, output] : llvm::enumerate(outputs)) {
      int64_t result = resultOf(predict, output.output);
      if (result < 0) continue; // a program without `predict`, written by hand
      judged.push_back(record({tensor(output.output, predict.getResultTypes()[result], true),
                               component(output.criteria, "loss"), f64(output.weight),
                               i32(dataOf(evaluate, targets.size() > index ? targets[index] : StringRef()))}));
      auto metrics = output.criteria.getAs<ArrayAttr>("overall_metrics");
      if (!metrics) continue;
      for (auto metric : metrics.getAsRange<DictionaryAttr>()) {
        StringRef name = metric.getAs<StringAttr>("name");
        std::string shown = outputs.size() > 1 ? (output.output + "_" + name).str() : name.str();
        overall.push_back(record({string(shown), component(metric), i32(index), i32(resultOf(evaluate, output.output))}));
      }
    }
    auto integer = [&](StringRef key) {
      auto value = train.getAs<mlir::IntegerAttr>(key);
      return i32(value ? value.getInt() : 0);
    };
    auto optimizer = train.getAs<DictionaryAttr>("optimizer"), ema = train.getAs<DictionaryAttr>("ema");
    return record({array(judged), i32(judged.size()), array(overall), i32(overall.size()), component(optimizer),
                   integer("batch_size"), integer("epochs"),
                   optimizer ? component(optimizer, "learning_rate") : component(DictionaryAttr()),
                   integer("gradient_accumulation_steps"), number(ema ? ema.getAs<mlir::FloatAttr>("decay") : mlir::FloatAttr()),
                   component(train, "reduce_lr_on_plateau"), component(train, "early_stopping"),
                   component(train, "keep_best"), component(train, "batches")});
  }

  // NnccWeights of the program's `weights`, empty without them.
  Constant *weightsSection(DictionaryAttr weights) {
    if (!weights) return record({null, null, null, i32(0), null, i32(0)});
    SmallVector<Constant *> rename, skip;
    for (mlir::NamedAttribute entry : weights.getAs<DictionaryAttr>("rename"))
      rename.push_back(option(entry.getName(), entry.getValue()));
    for (StringRef pattern : weights.getAs<ArrayAttr>("skip").getAsValueRange<StringAttr>()) skip.push_back(string(pattern));
    return record({string(weights.getAs<StringAttr>("path")), string(weights.getAs<StringAttr>("layout")),
                   array(rename), i32(rename.size()), array(skip), i32(skip.size())});
  }

  // What gives the bytes of a checkpoint their meaning: names, types and places of all
  // parameters and slots.
  uint64_t fingerprint() {
    std::string text;
    raw_string_ostream out(text);
    for (mlir::Operation &op : program.getBody().front())
      if (isa<nn::ParameterOp, nn::SlotOp>(op)) {
        auto name = mlir::SymbolTable::getSymbolName(&op).getValue();
        out << name << " " << op.getAttr("type") << " " << layout.of(name).offset << "\n";
      }
    return std::stoull(schedule::hashOf(text), nullptr, 16);
  }

  Module &module;
  LLVMContext &context;
  nn::ProgramOp program;
  const Layout &layout;
  const schedule::Target &target;
  StringRef dataDir;
  int64_t kernels;
  Constant *null;
  StringMap<Constant *> strings;
};

} // namespace

void addProgramConstants(Module &module, nn::ProgramOp program, const Layout &layout,
                         const schedule::Target &target, StringRef dataDir,
                         int64_t kernels) {
  Writer(module, program, layout, target, dataDir, kernels).write();
}

} // namespace nncc::codegen
