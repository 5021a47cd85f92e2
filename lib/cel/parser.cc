// SPDX-License-Identifier: Apache-2.0
//
// A Pratt parser. Chains of operators of one precedence are read in a loop;
// only brackets, calls, prefix operators and ?: recurse, and are counted. Any
// fault within brackets is reported and skipped to the next comma or closing
// bracket, so that one run finds several.
#include "cel/parser.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "cel/lexer.h"
#include "cel/literal.h"
#include "cel/macros.h"
#include "cel/text.h"

namespace loyalty::cel {
namespace {

struct BinaryOperator {
  Token token;
  int precedence;
  std::string_view function;
};

constexpr int kOrPrecedence = 1;
constexpr int kAndPrecedence = 2;

constexpr std::array<BinaryOperator, 14> kBinaryOperators = {{
    {Token::kOr, kOrPrecedence, "_||_"},
    {Token::kAnd, kAndPrecedence, "_&&_"},
    {Token::kEqual, 3, "_==_"},
    {Token::kNotEqual, 3, "_!=_"},
    {Token::kLess, 3, "_<_"},
    {Token::kLessOrEqual, 3, "_<=_"},
    {Token::kGreater, 3, "_>_"},
    {Token::kGreaterOrEqual, 3, "_>=_"},
    {Token::kIn, 3, "@in"},
    {Token::kPlus, 4, "_+_"},
    {Token::kMinus, 4, "_-_"},
    {Token::kStar, 5, "_*_"},
    {Token::kSlash, 5, "_/_"},
    {Token::kPercent, 5, "_%_"},
}};

const BinaryOperator* FindBinary(Token token) {
  for (const BinaryOperator& binary : kBinaryOperators) {
    if (binary.token == token) return &binary;
  }
  return nullptr;
}

constexpr const char* kAdviceOnLiterals = "give it as a variable";

// What a number of that kind may be.
std::string AdviceOnRange(std::string_view kind) {
  if (kind == "int") {
    return "an int is from -9223372036854775808 to 9223372036854775807";
  }
  if (kind == "uint") return "a uint is at most 18446744073709551615u";
  return "a double is at most 1.8e308";
}

bool OpensBracket(Token token) {
  return token == Token::kLeftParen || token == Token::kLeftBracket ||
         token == Token::kLeftBrace;
}

bool ClosesBracket(Token token) {
  return token == Token::kRightParen || token == Token::kRightBracket ||
         token == Token::kRightBrace;
}

class Parser {
 public:
  Parser(std::string_view source, const CompileOptions& options,
         ExtensionSet extensions, IssueList& issues)
      : options_(options),
        extensions_(extensions),
        issues_(issues),
        lexer_(source, issues) {
    ast_.source = source;
    Advance();
  }

  Ast ParseAll() {
    const NodeId root = ParseExpression();
    if (now_.token != Token::kEnd) Unexpected("the end");
    ast_.root = root;
    return std::move(ast_);
  }

 private:
  using NodeList = std::vector<NodeId>;

  // Counts one level of nesting while it lives.
  class Level {
   public:
    explicit Level(Parser& parser) : parser_(parser) { ++parser_.depth_; }
    ~Level() { --parser_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    Parser& parser_;
  };

  void Advance() {
    last_end_ = now_.end;
    now_ =
        stopped_ ? Lexeme{Token::kEnd, now_.begin, now_.begin} : lexer_.Next();
  }

  bool Take(Token token) {
    if (now_.token != token) return false;
    Advance();
    return true;
  }

  std::string_view TextOfNow() const {
    return ast_.source.substr(now_.begin, now_.end - now_.begin);
  }

  // Reports once that parsing ends here, and pretends the source does.
  void Stop(uint32_t offset, std::string message) {
    if (stopped_) return;
    issues_.Add(offset, std::move(message), "write several shorter ones");
    stopped_ = true;
    now_ = {Token::kEnd, now_.begin, now_.begin};
  }

  void Unexpected(std::string_view wanted) {
    if (stopped_ || now_.token == Token::kBad) return;
    const std::string found = now_.token == Token::kEnd
                                  ? "the end"
                                  : "'" + std::string(TextOfNow()) + "'";
    std::string advice;
    if (found == "'and'" || found == "'AND'") advice = "write && for and";
    if (found == "'or'" || found == "'OR'") advice = "write || for or";
    issues_.Add(
        now_.begin,
        "syntax error: expected " + std::string(wanted) + ", found " + found,
        std::move(advice));
  }

  bool TooDeep() {
    if (depth_ <= options_.max_depth) return false;
    Stop(now_.begin, "nested too deeply: more than " +
                         std::to_string(options_.max_depth) + " levels");
    return true;
  }

  NodeId Add(Node node, const NodeList& children) {
    if (ast_.nodes.size() >= options_.max_nodes) {
      Stop(node.begin, "the expression is too large: more than " +
                           std::to_string(options_.max_nodes) + " parts");
    }
    int height = 1;
    for (const NodeId child : children) {
      height = std::max(height, ast_.nodes[child].height + 1);
    }
    if (height > kMaxHeight) {
      Stop(node.begin, "the expression is too long: a chain of more than " +
                           std::to_string(kMaxHeight) + " operators");
      return AddLeaf(std::move(node));
    }
    node.height = static_cast<uint16_t>(height);
    node.first_child = static_cast<uint32_t>(ast_.children.size());
    node.child_count = static_cast<uint32_t>(children.size());
    ast_.children.insert(ast_.children.end(), children.begin(), children.end());
    ast_.nodes.push_back(std::move(node));
    return static_cast<NodeId>(ast_.nodes.size() - 1);
  }

  NodeId AddLeaf(Node node) {
    node.kind = NodeKind::kBroken;
    ast_.nodes.push_back(std::move(node));
    return static_cast<NodeId>(ast_.nodes.size() - 1);
  }

  Node NodeAt(NodeKind kind, uint32_t begin, uint32_t offset) const {
    Node node;
    node.kind = kind;
    node.begin = begin;
    node.offset = offset;
    node.end = last_end_;
    return node;
  }

  NodeId Broken() {
    return AddLeaf(NodeAt(NodeKind::kBroken, now_.begin, now_.begin));
  }

  // condition ? then : else
  NodeId ParseExpression() {
    const Level level(*this);
    if (TooDeep()) return Broken();
    const NodeId condition = ParseBinary(kOrPrecedence);
    if (now_.token != Token::kQuestion) return condition;
    const uint32_t offset = now_.begin;
    Advance();
    const NodeId then = ParseBinary(kOrPrecedence);
    if (!Take(Token::kColon)) {
      Unexpected("':'");
      return Broken();
    }
    const NodeId otherwise = ParseExpression();
    Node node = NodeAt(NodeKind::kConditional, ast_[condition].begin, offset);
    return Add(std::move(node), {condition, then, otherwise});
  }

  NodeId ParseBinary(int least) {
    NodeId left = ParseUnary();
    while (const BinaryOperator* const binary = FindBinary(now_.token)) {
      if (binary->precedence < least) break;
      if (binary->precedence <= kAndPrecedence) {
        left = ParseChain(left, *binary);
        continue;
      }
      const uint32_t offset = now_.begin;
      Advance();
      const NodeId right = ParseBinary(binary->precedence + 1);
      Node node = NodeAt(NodeKind::kCall, ast_[left].begin, offset);
      node.name = binary->function;
      left = Add(std::move(node), {left, right});
    }
    return left;
  }

  // a && b && c, or a || b || c, as one node.
  NodeId ParseChain(NodeId first, const BinaryOperator& binary) {
    NodeList operands = {first};
    const uint32_t offset = now_.begin;
    while (Take(binary.token)) {
      operands.push_back(ParseBinary(binary.precedence + 1));
    }
    const NodeKind kind =
        binary.token == Token::kAnd ? NodeKind::kAnd : NodeKind::kOr;
    Node node = NodeAt(kind, ast_[first].begin, offset);
    node.name = binary.function;
    return Add(std::move(node), operands);
  }

  NodeId ParseUnary() {
    const Token token = now_.token;
    if (token != Token::kNot && token != Token::kMinus) return ParsePostfix();
    const Level level(*this);
    if (TooDeep()) return Broken();
    const uint32_t begin = now_.begin;
    Advance();
    const bool is_number =
        now_.token == Token::kInt || now_.token == Token::kDouble;
    if (token == Token::kMinus && is_number) return ParsePostfix(begin);
    const NodeId operand = ParseUnary();
    Node node = NodeAt(NodeKind::kCall, begin, begin);
    node.name = token == Token::kNot ? "!_" : "-_";
    return Add(std::move(node), {operand});
  }

  static constexpr uint32_t kNoSign = UINT32_MAX;

  // A primary and what follows it: .field, .method(...), [index]. `sign` is
  // where the '-' of a number is.
  NodeId ParsePostfix(uint32_t sign = kNoSign) {
    NodeId left = sign == kNoSign ? ParsePrimary() : ParseNumber(sign);
    while (true) {
      if (now_.token == Token::kDot) {
        left = ParseMember(left);
      } else if (now_.token == Token::kLeftBracket) {
        left = ParseIndex(left);
      } else if (now_.token == Token::kLeftBrace && !stopped_ &&
                 IsLikeTypeName(left)) {
        left = ParseMessage();
      } else {
        return left;
      }
    }
  }

  bool IsLikeTypeName(NodeId id) const {
    return ast_[id].kind == NodeKind::kName ||
           ast_[id].kind == NodeKind::kSelect;
  }

  // a.b.C{field: value}: nothing else in it is worth reporting.
  NodeId ParseMessage() {
    issues_.Add(now_.begin, "unsupported syntax '{': there are no messages",
                "a map is written {'key': value}");
    Advance();
    do {
      SkipToEndOfItem();
    } while (Take(Token::kComma));
    Take(Token::kRightBrace);
    return Broken();
  }

  NodeId ParseMember(NodeId receiver) {
    const uint32_t dot = now_.begin;
    Advance();
    const bool is_optional = TakeOptionalMark(dot, ".?");
    std::string_view name = TextOfNow();
    const bool is_quoted = now_.token == Token::kQuotedName;
    if (now_.token != Token::kName && !is_quoted) {
      Unexpected("a name after '.'");
      // Takes the odd token with it, so that reading goes on.
      if (!ClosesBracket(now_.token)) Advance();
      return Broken();
    }
    if (is_quoted) name = name.substr(1, name.size() - 2);
    Advance();
    if (now_.token == Token::kLeftParen && !is_quoted && !is_optional) {
      return ParseCall(name, receiver, ast_[receiver].begin, false);
    }
    Node node = NodeAt(is_optional ? NodeKind::kOptSelect : NodeKind::kSelect,
                       ast_[receiver].begin, dot);
    node.name = name;
    return Add(std::move(node), {receiver});
  }

  // Takes the '?' of a.?b, a[?b], [?x] and {?k: x}; what it belongs to begins
  // at `begin` and is `spelling`.
  bool TakeOptionalMark(uint32_t begin, std::string_view spelling) {
    if (now_.token != Token::kQuestion) return false;
    if ((extensions_ & BitOf(Extension::kOptionals)) == 0 && !stopped_) {
      issues_.Add(begin, "unsupported syntax '" + std::string(spelling) + "'",
                  "optionals are not enabled here");
    }
    Advance();
    return true;
  }

  NodeId ParseIndex(NodeId operand) {
    const uint32_t offset = now_.begin;
    Advance();
    const bool is_optional = TakeOptionalMark(offset, "[?");
    const NodeList index = ParseRestOfItems(Token::kRightBracket, "']'");
    if (index.size() != 1) {
      if (!stopped_) issues_.Add(offset, "an index is one expression");
      return Broken();
    }
    Node node = NodeAt(NodeKind::kCall, ast_[operand].begin, offset);
    node.name = is_optional ? "_[?_]" : "_[_]";
    return Add(std::move(node), {operand, index[0]});
  }

  static constexpr NodeId kNoReceiver = UINT32_MAX;

  // The parenthesis of a call is where it is reported, as CEL's tools do.
  NodeId ParseCall(std::string_view name, NodeId receiver, uint32_t begin,
                   bool is_rooted) {
    const uint32_t offset = now_.begin;
    NodeList children;
    if (receiver != kNoReceiver) children.push_back(receiver);
    const NodeList arguments = ParseItems(Token::kRightParen, "')'");
    children.insert(children.end(), arguments.begin(), arguments.end());
    Node node = NodeAt(NodeKind::kCall, begin, offset);
    node.name = name;
    node.is_method = receiver != kNoReceiver;
    node.is_rooted = is_rooted;
    if (options_.macros && !is_rooted && !stopped_) {
      ExpandMacro(ast_, node, children, extensions_, issues_);
      if (WantsArgumentsAsList(ast_, node, children)) {
        children = {receiver,
                    Add(NodeAt(NodeKind::kList, offset, offset), arguments)};
      }
    }
    return Add(std::move(node), children);
  }

  // The expressions between an opening bracket, which is next, and `closing`.
  NodeList ParseItems(Token closing, std::string_view shown) {
    Advance();
    return ParseRestOfItems(closing, shown);
  }

  // Those of a list literal may be optional, and may end in a comma.
  NodeList ParseRestOfItems(Token closing, std::string_view shown,
                            bool is_literal = false) {
    NodeList items;
    if (is_literal) TakeLoneComma(closing);
    while (now_.token != closing || (!items.empty() && !is_literal)) {
      const bool is_optional = is_literal && TakeOptionalMark(now_.begin, "?");
      const NodeId item = ParseExpression();
      items.push_back(is_optional ? OptionalEntry(item) : item);
      if (now_.token != Token::kComma && now_.token != closing) {
        Unexpected("',' or " + std::string(shown));
        SkipToEndOfItem();
      }
      if (!Take(Token::kComma)) break;
    }
    if (!Take(closing)) Unexpected(shown);
    return items;
  }

  // The comma of [,] and {,}, which are empty.
  void TakeLoneComma(Token closing) {
    const uint32_t comma = now_.begin;
    if (!Take(Token::kComma) || now_.token == closing || stopped_) return;
    issues_.Add(comma, "syntax error: expected an expression, found ','");
  }

  // A list or map of these children.
  NodeId AddLiteral(Node node, const NodeList& children, size_t items) {
    if (items > options_.max_literal_items) {
      issues_.Add(node.begin,
                  "too many items: more than " +
                      std::to_string(options_.max_literal_items),
                  kAdviceOnLiterals);
    }
    return Add(std::move(node), children);
  }

  NodeId OptionalEntry(NodeId inside) {
    const uint32_t begin = ast_[inside].begin;
    return Add(NodeAt(NodeKind::kOptEntry, begin, begin), {inside});
  }

  // After a fault: forward to a comma or closing bracket of this level.
  void SkipToEndOfItem() {
    int open = 0;
    while (now_.token != Token::kEnd) {
      if (open == 0 &&
          (now_.token == Token::kComma || ClosesBracket(now_.token))) {
        return;
      }
      if (OpensBracket(now_.token)) ++open;
      if (ClosesBracket(now_.token)) --open;
      Advance();
    }
  }

  NodeId ParseMap() {
    const uint32_t begin = now_.begin;
    NodeList children;
    Advance();
    TakeLoneComma(Token::kRightBrace);
    while (now_.token != Token::kRightBrace) {
      const bool is_optional = TakeOptionalMark(now_.begin, "?");
      const NodeId key = ParseExpression();
      if (Take(Token::kColon)) {
        const NodeId value = ParseExpression();
        children.push_back(key);
        children.push_back(is_optional ? OptionalEntry(value) : value);
      } else {
        Unexpected("':' between key and value");
        SkipToEndOfItem();
      }
      if (now_.token != Token::kComma && now_.token != Token::kRightBrace) {
        Unexpected("',' or '}'");
        SkipToEndOfItem();
      }
      if (!Take(Token::kComma)) break;
    }
    if (!Take(Token::kRightBrace)) Unexpected("'}'");
    return AddLiteral(NodeAt(NodeKind::kMap, begin, begin), children,
                      children.size() / 2);
  }

  NodeId ParsePrimary() {
    const uint32_t begin = now_.begin;
    switch (now_.token) {
      case Token::kLeftParen: return ParseParenthesis();
      case Token::kLeftBrace: return ParseMap();
      case Token::kLeftBracket: {
        Advance();
        const NodeList items =
            ParseRestOfItems(Token::kRightBracket, "']'", true);
        return AddLiteral(NodeAt(NodeKind::kList, begin, begin), items,
                          items.size());
      }
      case Token::kInt:
      case Token::kUint:
      case Token::kDouble: return ParseNumber(kNoSign);
      case Token::kString: return ParseText(false);
      case Token::kBytes: return ParseText(true);
      case Token::kTrue: return ParseConstant(Value::Bool(true));
      case Token::kFalse: return ParseConstant(Value::Bool(false));
      case Token::kNull: return ParseConstant(Value::Null());
      case Token::kDot:
      case Token::kName: return ParseName();
      default: break;
    }
    Unexpected("an expression");
    const NodeId broken = Broken();
    // Going on behind a stray operator finds more than stopping at it.
    if (now_.token == Token::kBad) Advance();
    return broken;
  }

  NodeId ParseParenthesis() {
    Advance();
    const NodeId inside = ParseExpression();
    if (!Take(Token::kRightParen)) {
      Unexpected("')'");
      SkipToEndOfItem();
      Take(Token::kRightParen);
    }
    return inside;
  }

  NodeId ParseConstant(Value value) {
    const uint32_t begin = now_.begin;
    Advance();
    Node node = NodeAt(NodeKind::kConstant, begin, begin);
    node.constant = std::move(value);
    return Add(std::move(node), {});
  }

  NodeId ParseNumber(uint32_t sign) {
    const bool negative = sign != kNoSign;
    const uint32_t begin = negative ? sign : now_.begin;
    std::optional<Value> value;
    const char* kind = "int";
    if (now_.token == Token::kInt) {
      value = IntLiteral(TextOfNow(), negative);
    } else if (now_.token == Token::kUint) {
      value = UintLiteral(TextOfNow());
      kind = "uint";
    } else {
      value = DoubleLiteral(TextOfNow(), negative);
      kind = "double";
    }
    if (!value.has_value()) {
      issues_.Add(begin, std::string("out of range for ") + kind,
                  AdviceOnRange(kind));
      value = Value::Int(0);
    }
    Advance();
    Node node = NodeAt(NodeKind::kConstant, begin, begin);
    node.constant = *std::move(value);
    return Add(std::move(node), {});
  }

  NodeId ParseText(bool is_bytes) {
    TextFault fault;
    const std::optional<std::string> text =
        TextLiteral(TextOfNow(), is_bytes, fault);
    if (!text.has_value()) issues_.Add(now_.begin + fault.at, fault.message);
    const std::string& inside = text.has_value() ? *text : fault.message;
    if (inside.size() > options_.max_literal_bytes) {
      issues_.Add(now_.begin,
                  "the text is too long: more than " +
                      std::to_string(options_.max_literal_bytes) + " bytes",
                  kAdviceOnLiterals);
    }
    return ParseConstant(is_bytes ? Value::Bytes(inside)
                                  : Value::String(inside));
  }

  // A name, .name, or a call of a function by that name.
  NodeId ParseName() {
    const uint32_t begin = now_.begin;
    const bool is_rooted = Take(Token::kDot);
    const std::string_view name = TextOfNow();
    if (now_.token != Token::kName) {
      Unexpected("a name");
      return Broken();
    }
    if (IsReservedWord(name)) {
      issues_.Add(now_.begin, "reserved word: " + std::string(name));
    }
    Advance();
    if (now_.token == Token::kLeftParen) {
      return ParseCall(name, kNoReceiver, begin, is_rooted);
    }
    Node node = NodeAt(NodeKind::kName, begin, begin);
    node.name = name;
    node.is_rooted = is_rooted;
    return Add(std::move(node), {});
  }

  const CompileOptions& options_;
  const ExtensionSet extensions_;
  IssueList& issues_;
  Lexer lexer_;
  Ast ast_;
  Lexeme now_;
  uint32_t last_end_ = 0;  // of the token before now_
  int depth_ = 0;
  bool stopped_ = false;
};

}  // namespace

Ast Parse(std::string_view source, const CompileOptions& options,
          ExtensionSet extensions, IssueList& issues) {
  return Parser(source, options, extensions, issues).ParseAll();
}

}  // namespace loyalty::cel
