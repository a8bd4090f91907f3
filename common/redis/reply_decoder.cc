#include "common/redis/reply_decoder.h"

#include <utility>

#include <hiredis/read.h>

#include "common/base/check.h"

namespace sfu::redis {
namespace {

// hiredis reads, and lets us build the values: its own makes an array of whatever size it is told.
// `task.parent` is the array that the value belongs to, already made; its slots do not move.
Reply* SlotFor(const redisReadTask& task) {
  if (task.parent == nullptr) {
    return new Reply;  // hiredis hands it to us in the end, or to FreeReply().
  }
  return &static_cast<Reply*>(task.parent->obj)->items[static_cast<size_t>(task.idx)];
}

void* MakeText(const redisReadTask* task, char* text, size_t length) {
  Reply* reply = SlotFor(*task);
  switch (task->type) {
    case REDIS_REPLY_ERROR:
      reply->kind = Reply::Kind::kError;
      break;
    case REDIS_REPLY_STATUS:
      reply->kind = Reply::Kind::kStatus;
      break;
    default:
      reply->kind = Reply::Kind::kText;
  }
  reply->text.assign(text, length);
  return reply;
}

void* MakeArray(const redisReadTask* task, int count) {
  auto& items_left = *static_cast<size_t*>(task->privdata);
  if (static_cast<size_t>(count) > items_left) {
    return nullptr;
  }
  items_left -= static_cast<size_t>(count);
  Reply* reply = SlotFor(*task);
  reply->kind = Reply::Kind::kArray;
  reply->items.resize(static_cast<size_t>(count));
  return reply;
}

void* MakeInteger(const redisReadTask* task, long long value) {  // NOLINT: hiredis's type.
  Reply* reply = SlotFor(*task);
  reply->kind = Reply::Kind::kInteger;
  reply->integer = value;
  return reply;
}

void* MakeNull(const redisReadTask* task) { return SlotFor(*task); }

void FreeReply(void* reply) { delete static_cast<Reply*>(reply); }  // Only ever the outermost.

redisReplyObjectFunctions functions = {
    .createString = MakeText,
    .createArray = MakeArray,
    .createInteger = MakeInteger,
    .createNil = MakeNull,
    .freeObject = FreeReply,
};

}  // namespace

void ReplyDecoder::FreeReader::operator()(redisReader* reader) const { redisReaderFree(reader); }

ReplyDecoder::ReplyDecoder() : reader_(redisReaderCreateWithFunctions(&functions)) {
  SFU_CHECK(reader_ != nullptr);
  reader_->privdata = &items_left_;
}

ReplyDecoder::~ReplyDecoder() = default;

Expected<std::vector<Reply>, DecodeError> ReplyDecoder::Decode(std::string_view bytes) {
  if (redisReaderFeed(reader_.get(), bytes.data(), bytes.size()) != REDIS_OK) {
    return Unexpected{DecodeError::kMalformed};
  }
  std::vector<Reply> replies;
  while (true) {
    void* object = nullptr;
    if (redisReaderGetReply(reader_.get(), &object) != REDIS_OK) {
      return Unexpected{reader_->err == REDIS_ERR_OOM ? DecodeError::kTooLarge
                                                      : DecodeError::kMalformed};
    }
    if (object == nullptr) {
      break;
    }
    const std::unique_ptr<Reply> reply(static_cast<Reply*>(object));
    replies.push_back(std::move(*reply));
    items_left_ = kMaxReplyItems;
  }
  if (reader_->len - reader_->pos > kMaxReplyBytes) {
    return Unexpected{DecodeError::kTooLarge};
  }
  return replies;
}

}  // namespace sfu::redis
