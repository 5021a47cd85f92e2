// SPDX-License-Identifier: Apache-2.0
//
// One walk over the plan, which follows for each operation how large its value
// can be, and adds what evaluating it can take beside the operation itself.
#include "cel/cost.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <utility>

namespace loyalty::cel {
namespace {

constexpr int64_t kUnbounded = std::numeric_limits<int64_t>::max();

// Sums and products of what is not negative, up to kUnbounded.
int64_t Sum(int64_t a, int64_t b) {
  int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? kUnbounded : sum;
}

int64_t Product(int64_t a, int64_t b) {
  int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? kUnbounded : product;
}

// What reading a text of so many bytes takes.
int64_t StepsOfText(int64_t bytes) {
  return bytes / static_cast<int64_t>(CallContext::kBytesPerStep);
}

// What matching it takes.
int64_t StepsOfMatch(int64_t bytes, int pattern_size) {
  const int64_t weighed = Product(bytes, MatchWeight(pattern_size));
  return weighed == kUnbounded ? kUnbounded : StepsOfText(weighed);
}

// How large a value can be.
struct Shape {
  int64_t text = 0;                   // bytes, of a string or bytes
  int64_t items = 0;                  // of a list, map or optional
  std::shared_ptr<const Shape> item;  // each of them, keys too; null: a scalar
  bool is_open = false;               // nothing is known

  // What looking at all of it takes.
  int64_t Total() const {
    if (is_open) return kUnbounded;
    const int64_t each = item == nullptr ? 1 : item->Total();
    // A map has a key for each value.
    const int64_t inside = Product(items, Sum(each, each));
    return Sum(Sum(1, StepsOfText(text)), inside);
  }

  Shape Item() const {
    if (is_open) return *this;
    return item == nullptr ? Shape() : *item;
  }
};

Shape Open() {
  Shape shape;
  shape.text = kUnbounded;
  shape.items = kUnbounded;
  shape.is_open = true;
  return shape;
}

Shape TextShape(int64_t bytes) {
  Shape shape;
  shape.text = bytes;
  return shape;
}

Shape Holding(int64_t items, Shape item) {
  if (item.is_open) return Open();
  Shape shape;
  shape.items = items;
  shape.item = std::make_shared<const Shape>(std::move(item));
  return shape;
}

// As large as either.
Shape Joined(const Shape& a, const Shape& b) {
  if (a.is_open || b.is_open) return Open();
  Shape shape;
  shape.text = std::max(a.text, b.text);
  shape.items = std::max(a.items, b.items);
  if (a.item != nullptr || b.item != nullptr) {
    shape.item = std::make_shared<const Shape>(Joined(a.Item(), b.Item()));
  }
  return shape;
}

// The largest texts and lists there are.
struct Sizes {
  int64_t text = 0;
  int64_t items = 0;
  bool dyn_is_scalar = false;
};

Shape ShapeOfType(const Type& type, const Sizes& sizes) {
  switch (type.kind()) {
    case Type::Kind::kString:
    case Type::Kind::kBytes: return TextShape(sizes.text);
    case Type::Kind::kList:
      return Holding(sizes.items, ShapeOfType(type.parts()[0], sizes));
    case Type::Kind::kMap:
      return Holding(sizes.items, Joined(ShapeOfType(type.parts()[0], sizes),
                                         ShapeOfType(type.parts()[1], sizes)));
    case Type::Kind::kOpaque:
      if (!type.IsOptional() || type.parts().empty()) return Open();
      return Holding(1, ShapeOfType(type.parts()[0], sizes));
    case Type::Kind::kDyn:
      return sizes.dyn_is_scalar ? TextShape(sizes.text) : Open();
    case Type::Kind::kError:
    case Type::Kind::kParam: return Open();
    default: return Shape();
  }
}

Shape ShapeOfValue(const Value& value) {
  Shape items;
  for (const Value& item : value.items()) {
    items = Joined(items, ShapeOfValue(item));
  }
  for (const MapEntry& entry : value.entries()) {
    items = Joined(items, ShapeOfValue(entry.key));
    items = Joined(items, ShapeOfValue(entry.value));
  }
  if (value.held() != nullptr) return Holding(1, ShapeOfValue(*value.held()));
  const size_t count = value.items().size() + value.entries().size();
  if (count > 0) return Holding(static_cast<int64_t>(count), items);
  return TextShape(static_cast<int64_t>(value.text().size()));
}

class Estimate {
 public:
  Estimate(const Plan& plan, const CompileOptions& options)
      : plan_(plan),
        input_{static_cast<int64_t>(options.input_text_bytes),
               static_cast<int64_t>(options.input_list_items),
               options.input_dyn_is_scalar},
        made_{static_cast<int64_t>(options.max_text_bytes),
              static_cast<int64_t>(options.max_list_items)} {}

  int64_t OfAll() {
    const int64_t cost = OfOp(plan_.root).cost;
    return Sum(cost, static_cast<int64_t>(plan_.ops.size()));
  }

 private:
  // An operation's steps beside one for itself, and the size of its value.
  struct Of {
    int64_t cost = 0;
    Shape shape;
  };

  OpId IdOf(const Op& op, uint32_t i) const {
    return plan_.operands[op.first + i];
  }

  Of OfOp(OpId id) {
    const Op& op = plan_.ops[id];
    switch (op.code) {
      case OpCode::kConstant:
        return {0, ShapeOfValue(plan_.constants[op.index])};
      case OpCode::kSlot:
      case OpCode::kSlotOrAbsent: return {0, ShapeOfSlot(op)};
      case OpCode::kOptSlot: return {0, Holding(1, ShapeOfSlot(op))};
      case OpCode::kHasSlot:
      case OpCode::kFail: return {};
      case OpCode::kLocal: return {0, locals_[op.index]};
      case OpCode::kCall:
      case OpCode::kDispatch: return OfCall(op);
      case OpCode::kList:
      case OpCode::kMap: return OfLiteral(op);
      case OpCode::kConditional: return OfConditional(op);
      case OpCode::kBind:
      case OpCode::kOptMap:
      case OpCode::kOptFlatMap: return OfBinding(op);
      case OpCode::kAll:
      case OpCode::kExists:
      case OpCode::kExistsOne:
      case OpCode::kFilter:
      case OpCode::kTransform:
      case OpCode::kTransformMap:
      case OpCode::kTransformMapEntries: return OfLoop(op);
      default: return OfOperands(op);
    }
  }

  Shape ShapeOfSlot(const Op& op) const {
    return ShapeOfType(plan_.slots[op.index].type, input_);
  }

  // The other operations: what their operands take, and a little more.
  Of OfOperands(const Op& op) {
    std::vector<Shape> shapes;
    Of of;
    for (uint32_t i = 0; i < op.count; ++i) {
      Of operand = OfOp(IdOf(op, i));
      of.cost = Sum(of.cost, operand.cost);
      shapes.push_back(std::move(operand.shape));
    }
    switch (op.code) {
      case OpCode::kSelect:
      case OpCode::kOptSelect:
        of.shape = ShapeFound(op, shapes[0], op.code == OpCode::kOptSelect);
        break;
      case OpCode::kEqual:
      case OpCode::kNotEqual:
        // No more pairs are looked at than the smaller of both has.
        of.cost = Sum(of.cost, std::min(shapes[0].Total(), shapes[1].Total()));
        break;
      case OpCode::kMatches:
        of.cost =
            Sum(of.cost, StepsOfMatch(shapes[0].text,
                                      plan_.patterns[op.index]->ProgramSize()));
        break;
      case OpCode::kOptEntry: of.shape = shapes[0].Item(); break;
      case OpCode::kOrOptional: of.shape = Joined(shapes[0], shapes[1]); break;
      case OpCode::kOrValue:
        of.shape = Joined(shapes[0].Item(), shapes[1]);
        break;
      default: break;
    }
    return of;
  }

  // What a.b, a[b], a.?b or a[?b] finds in its first operand; the last two as
  // an optional, and all of them in an optional.
  Shape ShapeFound(const Op& op, const Shape& operand, bool as_optional) const {
    const Type::Kind type = plan_.ops[IdOf(op, 0)].type;
    if (type != Type::Kind::kOpaque && type != Type::Kind::kDyn) {
      return as_optional ? Holding(1, operand.Item()) : operand.Item();
    }
    const Shape found = AnyWithin(operand);
    const Shape optional = Holding(1, found);
    return as_optional ? optional : Joined(found, optional);
  }

  // As large as anything in `shape`, however deep: of optionals, how often to
  // look through them is not known here.
  static Shape AnyWithin(const Shape& shape) {
    if (shape.is_open || shape.item == nullptr) return shape.Item();
    return Joined(*shape.item, AnyWithin(*shape.item));
  }

  Of OfLiteral(const Op& op) {
    Of of;
    Shape items;
    for (uint32_t i = 0; i < op.count; ++i) {
      const Of item = OfOp(IdOf(op, i));
      of.cost = Sum(of.cost, item.cost);
      items = Joined(items, item.shape);
    }
    of.shape = Holding(op.count, std::move(items));
    return of;
  }

  Of OfConditional(const Op& op) {
    const Of condition = OfOp(IdOf(op, 0));
    const Of then = OfOp(IdOf(op, 1));
    const Of otherwise = OfOp(IdOf(op, 2));
    return {Sum(condition.cost, std::max(then.cost, otherwise.cost)),
            Joined(then.shape, otherwise.shape)};
  }

  Of OfBinding(const Op& op) {
    const Of bound = OfOp(IdOf(op, 0));
    const bool is_plain = op.code == OpCode::kBind;
    locals_[op.index] = is_plain ? bound.shape : bound.shape.Item();
    Of result = OfOp(IdOf(op, 1));
    result.cost = Sum(result.cost, bound.cost);
    if (op.code == OpCode::kOptMap) result.shape = Holding(1, result.shape);
    return result;
  }

  Of OfLoop(const Op& op) {
    const Of range = OfOp(IdOf(op, 0));
    const Shape item = range.shape.Item();
    locals_[op.index] = item;
    if (op.has_two) locals_[op.index + 1] = item;
    int64_t turn = Sum(1, op.cost);
    Shape made;
    for (uint32_t i = 1; i < op.count; ++i) {
      Of part = OfOp(IdOf(op, i));
      turn = Sum(turn, part.cost);
      made = std::move(part.shape);
    }
    Of of;
    const int64_t turns = range.shape.items;
    if (op.code == OpCode::kTransformMapEntries) turn = Sum(turn, made.items);
    of.cost = Sum(range.cost, Product(turns, turn));
    switch (op.code) {
      case OpCode::kFilter: of.shape = Holding(turns, item); break;
      case OpCode::kTransform: of.shape = Holding(turns, made); break;
      case OpCode::kTransformMap:
        of.shape = Holding(turns, Joined(item, made));
        break;
      case OpCode::kTransformMapEntries:
        of.shape = Holding(std::min(made_.items, Product(turns, made.items)),
                           made.Item());
        break;
      default: break;
    }
    return of;
  }

  // ---- Calls ----

  Of OfCall(const Op& op) {
    const PlannedCall& call = plan_.calls[op.index];
    std::vector<Shape> shapes;
    Of of;
    int64_t all = 1;
    bool are_scalars = true;
    for (uint32_t i = 0; i < op.count; ++i) {
      Of argument = OfOp(IdOf(op, i));
      of.cost = Sum(of.cost, argument.cost);
      all = Sum(all, argument.shape.Total());
      are_scalars &= argument.shape.Total() == 1;
      shapes.push_back(std::move(argument.shape));
    }
    const std::string_view name = LibraryName(call);
    if (op.count == 2 && OfOperator(name, op, shapes, of)) return of;
    if (OfPassing(name, op, shapes, of)) return of;
    if (op.type == Type::Kind::kDyn || call.forms.empty()) {
      return {Sum(of.cost, Sum(Product(all, 2), OfMaking(Open()))), Open()};
    }
    const Type& result = call.forms[0]->result;
    if (are_scalars && call.forms.size() == 1 &&
        ShapeOfType(result, made_).Total() == 1) {
      return of;
    }
    // Each argument is read at most twice, and what is made is written once.
    of.cost = Sum(of.cost, Product(all, 2));
    if (IsNoLarger(name)) {
      // Numbers and times are short.
      constexpr int64_t kLongestOfScalar = 64;
      of.shape = TextShape(std::max(shapes[0].text, kLongestOfScalar));
      return of;
    }
    of.shape = name == "split" ? ShapeOfParts(shapes[0])
                               : ShapeOfResult(result, shapes);
    if (of.shape.text > 0 || of.shape.items > 0) {
      of.cost = Sum(of.cost, OfMaking(of.shape));
    }
    return of;
  }

  // The function's name if it comes with the library, or "".
  static std::string_view LibraryName(const PlannedCall& call) {
    const bool is_librarys = std::all_of(
        call.forms.begin(), call.forms.end(),
        [](const Overload* form) { return form->implementation != nullptr; });
    if (call.forms.empty() || !is_librarys) return "";
    return call.forms[0]->name;
  }

  // Whether the argument is a list or map, which knows how many it has.
  bool HoldsItems(const Op& op) const {
    const Type::Kind type = plan_.ops[IdOf(op, 0)].type;
    return type == Type::Kind::kList || type == Type::Kind::kMap;
  }

  // Functions that pass values on without a look at what is in them.
  bool OfPassing(std::string_view name, const Op& op,
                 const std::vector<Shape>& shapes, Of& of) const {
    if (name == "type" || name == "hasValue" ||
        (name == "size" && HoldsItems(op))) {
      of.shape = Shape();
    } else if (name == "dyn") {
      of.shape = shapes[0];
    } else if (name == "value") {
      of.shape = shapes[0].Item();
    } else if (name == "first" || name == "last") {
      of.shape = Holding(1, shapes[0].Item());
    } else if (name == "optional.of" || name == "optional.ofNonZeroValue") {
      of.shape = Holding(1, shapes[0]);
    } else if (name == "optional.none") {
      of.shape = Holding(1, Shape());
    } else if (name == "_[?_]") {
      of.shape = ShapeFound(op, shapes[0], true);
    } else {
      return false;
    }
    return true;
  }

  // Whether a function makes a text that is no longer than its first argument.
  static bool IsNoLarger(std::string_view name) {
    constexpr std::string_view kNames[] = {
        "charAt",  "substring", "lowerAscii", "upperAscii",   "trim",
        "reverse", "bytes",     "string",     "base64.decode"};
    return std::find(std::begin(kNames), std::end(kNames), name) !=
           std::end(kNames);
  }

  // Of split(): there may be one more than the text has bytes.
  Shape ShapeOfParts(const Shape& whole) const {
    return Holding(std::min(Sum(whole.text, 1), made_.items),
                   TextShape(whole.text));
  }

  // Writing a text or list of that shape, within the limits.
  int64_t OfMaking(const Shape& made) const {
    constexpr int64_t kPieceTooMuch = 64;
    return Sum(Sum(StepsOfText(std::min(made.text, made_.text)),
                   std::min(made.items, made_.items)),
               kPieceTooMuch);
  }

  // Operators whose cost or result is worth a closer look.
  bool OfOperator(std::string_view name, const Op& op,
                  const std::vector<Shape>& shapes, Of& of) const {
    const Shape& left = shapes[0];
    const Shape& right = shapes[1];
    if (name == "@in") {
      const int64_t pair = std::min(left.Total(), right.Item().Total());
      of.cost = Sum(of.cost, Product(right.items, Sum(1, pair)));
      return true;
    }
    if (name == "matches") {  // with a pattern that is made
      of.cost = Sum(
          of.cost, Sum(StepsOfText(right.text),
                       StepsOfMatch(left.text, plan_.limits.max_pattern_size)));
      return true;
    }
    if (name == "_[_]") {
      of.shape = ShapeFound(op, left, false);
      return true;
    }
    // Numbers and times, whatever the operands turn out to be.
    if (name == "_*_" || name == "_-_" || name == "_/_" || name == "_%_") {
      of.shape = Shape();
      return true;
    }
    if (name != "_+_") return false;
    if (op.type == Type::Kind::kString || op.type == Type::Kind::kBytes) {
      const int64_t size = std::min(Sum(left.text, right.text), made_.text);
      of.cost = Sum(of.cost, Sum(1, StepsOfText(size)));
      of.shape = TextShape(size);
      return true;
    }
    if (op.type == Type::Kind::kList) {
      const int64_t items = std::min(Sum(left.items, right.items), made_.items);
      of.cost = Sum(of.cost, Sum(1, items));
      of.shape = Holding(items, Joined(left.Item(), right.Item()));
      return true;
    }
    return false;
  }

  // No larger than the limits, or than all the arguments.
  Shape ShapeOfResult(const Type& type, const std::vector<Shape>& shapes) {
    if (type.Mentions(Type::Kind::kParam)) return Open();
    Sizes largest = made_;
    for (const Shape& shape : shapes) {
      const Sizes sizes = SizesIn(shape);
      largest.text = Sum(largest.text, sizes.text);
      largest.items = Sum(largest.items, sizes.items);
    }
    return ShapeOfType(type, largest);
  }

  static Sizes SizesIn(const Shape& shape) {
    Sizes sizes{shape.text, shape.items};
    if (shape.item != nullptr) {
      const Sizes inside = SizesIn(*shape.item);
      sizes.text = std::max(sizes.text, inside.text);
      sizes.items = std::max(sizes.items, inside.items);
    }
    return sizes;
  }

  const Plan& plan_;
  const Sizes input_;
  const Sizes made_;
  std::array<Shape, kMaxLocals> locals_;
};

}  // namespace

int64_t CostBound(const Plan& plan, const CompileOptions& options) {
  return Estimate(plan, options).OfAll();
}

}  // namespace loyalty::cel
