// physical limit reference: one epoll loop, WebSocket upgrade by rote, one send() per receiver per message (no coalescing) or coalesced per loop
// usage: floor PORT [PAD]; PAD bytes are added to each message, for a floor that sends as many bytes as a server that says more
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
int main(int argc,char**v){int pad=argc>2?atoi(v[2]):0;int s=socket(AF_INET,SOCK_STREAM,0),one=1;setsockopt(s,SOL_SOCKET,SO_REUSEADDR,&one,4);struct sockaddr_in a={.sin_family=AF_INET,.sin_port=htons(atoi(v[1]))};inet_pton(AF_INET,"127.0.0.1",&a.sin_addr);bind(s,(void*)&a,sizeof a);listen(s,4096);
int ep=epoll_create1(0);struct epoll_event e={.events=EPOLLIN,.data.fd=s};epoll_ctl(ep,EPOLL_CTL_ADD,s,&e);static char up[70000];static int fds[70000];int n=0;struct epoll_event ev[512];static char b[65536],o[65536];
for(;;){int k=epoll_wait(ep,ev,512,-1);for(int i=0;i<k;i++){int f=ev[i].data.fd;if(f==s){int c=accept(s,0,0);fcntl(c,F_SETFL,O_NONBLOCK);setsockopt(c,6,TCP_NODELAY,&one,4);struct epoll_event x={.events=EPOLLIN,.data.fd=c};epoll_ctl(ep,EPOLL_CTL_ADD,c,&x);continue;}
 int r=recv(f,b,sizeof b,0);if(r<=0){close(f);up[f]=0;for(int j=0;j<n;j++)if(fds[j]==f){fds[j]=fds[--n];break;}continue;}
 if(!up[f]){up[f]=1;fds[n++]=f;const char*h="HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n\x81\x07welcome";send(f,h,strlen(h),0);continue;}
 int p=0,ol=0;while(p<r){int l=b[p+1]&127,h=6;if(l==126){l=(unsigned char)b[p+2]<<8|(unsigned char)b[p+3];h=8;}
  int t=l+pad;o[ol]=0x81;if(t<126){o[ol+1]=t;ol+=2;}else{o[ol+1]=126;o[ol+2]=t>>8;o[ol+3]=t;ol+=4;}memcpy(o+ol,b+p+h,l);memset(o+ol+l,'x',pad);ol+=t;p+=h+l;
 }
 for(int j=0;j<n;j++)send(fds[j],o,ol,MSG_NOSIGNAL);
}}}
