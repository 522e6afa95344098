//! Tokens and the stamp.

use bytes::Bytes;

use crate::error::Error;
use crate::store::message::Told;
use crate::store::ops::NAMED;
use crate::store::redis::strange;
use crate::store::token::{Given, Part, Stamp, Token, TokenKey};
use crate::wire::Lane;

use super::handle::RedisStore;

impl RedisStore {
    /// The tokens of `keys`, of which `texts` were found; makes what is missing.
    pub(super) async fn complete(
        &self,
        keys: &[TokenKey],
        texts: Vec<Option<Bytes>>,
    ) -> Result<Vec<Given>, Error> {
        let there = |text: &Option<Bytes>| Token::parse(text.as_ref()?).map(Given::there);
        let mut tokens: Vec<_> = texts.iter().map(there).collect();
        if tokens.iter().any(Option::is_none) {
            let stamp = self.present_stamp().await?;
            let mut ops = Vec::new();
            for (key, (token, text)) in keys.iter().zip(tokens.iter().zip(&texts)) {
                if token.is_none() {
                    let new = Token::draw(stamp);
                    ops.push(match text {
                        None => self.names.make_token(key, new),
                        Some(_) => self.names.overwrite_token(key, new),
                    });
                    ops.push(self.names.get_token(key));
                }
            }
            let mut replies = self.batch(Lane::Control, ops).await?;
            for token in tokens.iter_mut().filter(|token| token.is_none()) {
                let made = replies.flag()?;
                let present = replies.text()?.and_then(|text| Token::parse(&text));
                *token = present.map(|token| Given { token, made });
            }
        }
        let present = tokens.into_iter().collect::<Option<Vec<_>>>();
        present.ok_or_else(|| strange("a token that was just made"))
    }

    /// Replaces `part` of the tokens of `keys`, as many as one round trip names.
    pub(super) async fn replace(&self, keys: &[TokenKey], part: Part) -> Result<Vec<Token>, Error> {
        // raised first: what a load reads from here on is later than the stamp it has read
        let stamp = self.raise().await?;
        let draw = |key: &TokenKey| (key.clone(), Token::draw(stamp));
        let drawn: Vec<_> = keys.iter().map(draw).collect();
        let replace = |(key, token): &_| self.names.replace_token(key, *token, part);
        let mut ops: Vec<_> = drawn.iter().map(replace).collect();
        let told = |drawn: &[(TokenKey, Token)]| match part {
            Part::Hard => Told::Tokens(drawn.to_vec()),
            Part::Soft => Told::Softened(drawn.iter().map(|(key, _)| key.clone()).collect()),
        };
        ops.extend(drawn.chunks(NAMED).map(|drawn| self.tell(&told(drawn))));
        let mut replies = self.batch(Lane::Control, ops).await?;
        let mut replaced = Vec::with_capacity(keys.len());
        for _ in keys {
            let token = replies.text()?.and_then(|text| Token::parse(&text));
            replaced.push(token.ok_or_else(|| strange("a token that was just replaced"))?);
        }
        replies.all_done()?;
        Ok(replaced)
    }

    pub(super) async fn present_stamp(&self) -> Result<Stamp, Error> {
        let op = self.names.get_stamp();
        let lying = self.one(Lane::Control, op).await?.text()?;
        match lying.and_then(|text| Stamp::parse(&text)) {
            Some(stamp) => Ok(stamp),
            None => self.raise().await,
        }
    }

    pub(super) async fn raise(&self) -> Result<Stamp, Error> {
        let op = self.names.raise_stamp();
        let raised = self.one(Lane::Control, op).await?.text()?;
        let stamp = raised.and_then(|text| Stamp::parse(&text));
        stamp.ok_or_else(|| strange("a stamp"))
    }
}
